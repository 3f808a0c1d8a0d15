/**
 * What a push relies on and only peers have is brought here before the push is acknowledged: clients do not send what
 * HEAD has found, and take an index that is there for all of its images. An image that was pushed must not go away with
 * a peer. Apart from the push because it walks a whole image.
 */
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { parseManifest } from '../oci/manifest.ts'
import { type ManifestPush, readAll } from '../store/manifests.ts'
import type { RemoteBlob } from '../store/remote.ts'
import type { Context } from './context.ts'
import { bringManifest } from './lookup.ts'
import { requiredDigests } from './manifest-rules.ts'

type Required = ManifestPush['required']

interface Walk {
  /** Peers are asked; else it is only checked that children which came from peers are whole. */
  readonly mayAsk: boolean
  /** Children that others have in common, which are walked once. */
  readonly seen: Set<string>
}

/**
 * Brings what can be had; a manifest that names much of what nobody has costs one question in vain.
 *
 * @throws RegistryError MANIFEST_BLOB_UNKNOWN where a child that came from a peer lacks something
 */
export async function bringRequired(
  context: Context,
  repository: string,
  required: Required,
  { mayAsk }: Pick<Walk, 'mayAsk'>,
): Promise<void> {
  if (context.remote) await bring(context, repository, required, { mayAsk, seen: new Set() })
}

async function bring(context: Context, repository: string, required: Required, walk: Walk): Promise<void> {
  const { seen } = walk
  const comes = (digest: string, ask: () => Promise<unknown>) => walk.mayAsk && hasCome(context, digest, ask)
  const { manifests } = context.store.catalog
  for (const digest of await manifests.missingBlobs(repository, required.blobs)) {
    if (!(await comes(digest, () => bringBlob(context, repository, digest as Digest)))) return
  }
  for (const digest of await manifests.missingManifests(repository, required.manifests)) {
    if (!(await comes(digest, () => bringManifest(context, repository, digest as Digest)))) return
  }
  for (const digest of await manifests.missingEither(repository, required.either)) {
    const isHere =
      (await comes(digest, () => bringManifest(context, repository, digest as Digest))) ||
      (await comes(digest, () => bringBlob(context, repository, digest as Digest)))
    if (!isHere) return
  }
  const children = [...required.manifests, ...required.either]
  for (const digest of await manifests.fromPeers(repository, children)) {
    if (!seen.has(digest)) {
      seen.add(digest)
      await complete(context, repository, digest as Digest, walk)
    }
  }
}

/** `false` where nobody has it, or whoever had it breaks off: the push itself then says that it is missing. */
async function hasCome({ log }: Context, digest: string, ask: () => Promise<unknown>): Promise<boolean> {
  try {
    return (await ask()) !== undefined
  } catch (error) {
    log.debug('what a push relies on did not come', { digest, err: error })
    return false
  }
}

/** All of it is here on return; `undefined` where nobody has it. */
async function bringBlob(
  { remote, request }: Context,
  repository: string,
  digest: Digest,
): Promise<RemoteBlob | undefined> {
  const remoteBlob = await remote?.blob(repository, digest, { signal: request.signal })
  if (!remoteBlob) return undefined
  for await (const _ of remoteBlob.stream()); // it comes in for readers
  await remoteBlob.done
  return remoteBlob
}

/**
 * A manifest from peers need not have what it names.
 *
 * @throws RegistryError MANIFEST_BLOB_UNKNOWN for the first that cannot be had
 */
async function complete(context: Context, repository: string, digest: Digest, walk: Walk): Promise<void> {
  const { store, config } = context
  const { manifests } = store.catalog
  const revision = await store.manifests.find(repository, { digest })
  const content = revision && (await store.manifests.read(revision))
  if (!content) return // the push itself says that it is missing
  const bytes = content instanceof Uint8Array ? content : await readAll(content)
  const required = requiredDigests(parseManifest(bytes, revision.mediaType), config.validation)
  await bring(context, repository, required, walk)
  const [missing] = [
    ...(await manifests.missingBlobs(repository, required.blobs)),
    ...(await manifests.missingManifests(repository, required.manifests)),
    ...(await manifests.missingEither(repository, required.either)),
  ]
  if (missing) throw new RegistryError('MANIFEST_BLOB_UNKNOWN', undefined, { detail: missing })
}
