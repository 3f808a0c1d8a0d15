/**
 * Pulls what a push needs and only peers have, before the push is acknowledged: clients do not send what HEAD has found,
 * and rely on an index for all of its images. An image that was pushed must not disappear with a peer. Separate from the push
 * because this walks a whole image.
 */
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { parseManifest } from '../oci/manifest.ts'
import { type ManifestPush, readAll } from '../store/manifests.ts'
import type { RemoteBlob } from '../store/remote.ts'
import type { Context } from './context.ts'
import { pullManifest } from './lookup.ts'
import { requiredDigests } from './manifest-rules.ts'

type Required = ManifestPush['required']

interface Walk {
  /** Whether to pull from peers. If not, this only checks that children which came from peers are complete. */
  readonly mayPull: boolean
  /** Children that several images share are walked once. */
  readonly seen: Set<string>
}

/**
 * Stops at the first that no peer has, so that a manifest which names many unknown digests costs one lookup.
 *
 * @throws RegistryError MANIFEST_BLOB_UNKNOWN where a child that came from a peer lacks something
 */
export async function pullRequired(
  context: Context,
  repository: string,
  required: Required,
  { mayPull }: Pick<Walk, 'mayPull'>,
): Promise<void> {
  if (context.remote) await pullAll(context, repository, required, { mayPull, seen: new Set() })
}

async function pullAll(context: Context, repository: string, required: Required, walk: Walk): Promise<void> {
  const { seen } = walk
  const tryPull = (digest: string, pull: () => Promise<unknown>) =>
    walk.mayPull && isPulled(context, digest, pull)
  const { manifests } = context.store.catalog
  for (const digest of await manifests.missingBlobs(repository, required.blobs)) {
    if (!(await tryPull(digest, () => pullBlob(context, repository, digest as Digest)))) return
  }
  for (const digest of await manifests.missingManifests(repository, required.manifests)) {
    if (!(await tryPull(digest, () => pullManifest(context, repository, digest as Digest)))) return
  }
  for (const digest of await manifests.missingEither(repository, required.either)) {
    const isHere =
      (await tryPull(digest, () => pullManifest(context, repository, digest as Digest))) ||
      (await tryPull(digest, () => pullBlob(context, repository, digest as Digest)))
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

/** `false` if no peer has it, or the transfer fails. The push itself then says that it is missing. */
async function isPulled({ log }: Context, digest: string, pull: () => Promise<unknown>): Promise<boolean> {
  try {
    return (await pull()) !== undefined
  } catch (error) {
    log.debug('a push needs a digest that could not be pulled from peers', { digest, err: error })
    return false
  }
}

/** All of it is stored on return; `undefined` if no peer has it. */
async function pullBlob(
  { remote, request }: Context,
  repository: string,
  digest: Digest,
): Promise<RemoteBlob | undefined> {
  const remoteBlob = await remote?.blob(repository, digest, { signal: request.signal })
  if (!remoteBlob) return undefined
  for await (const _ of remoteBlob.stream()); // reading it stores it
  await remoteBlob.done
  return remoteBlob
}

/**
 * A manifest that came from peers may lack what it names.
 *
 * @throws RegistryError MANIFEST_BLOB_UNKNOWN for the first digest that no peer has
 */
async function complete(context: Context, repository: string, digest: Digest, walk: Walk): Promise<void> {
  const { store, config } = context
  const { manifests } = store.catalog
  const revision = await store.manifests.find(repository, { digest })
  const content = revision && (await store.manifests.read(revision))
  if (!content) return // the push itself says that it is missing
  const bytes = content instanceof Uint8Array ? content : await readAll(content)
  const required = requiredDigests(parseManifest(bytes, revision.mediaType), config.validation)
  await pullAll(context, repository, required, walk)
  const [missing] = [
    ...(await manifests.missingBlobs(repository, required.blobs)),
    ...(await manifests.missingManifests(repository, required.manifests)),
    ...(await manifests.missingEither(repository, required.either)),
  ]
  if (missing) throw new RegistryError('MANIFEST_BLOB_UNKNOWN', undefined, { detail: missing })
}
