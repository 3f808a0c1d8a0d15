/**
 * Finds what a pull requests: here, or else at peers. Separate from the endpoints because manifests are looked up by several
 * of them.
 */
import type { Content } from '../blobs/ports.ts'
import type { Revision, Tagged } from '../catalog/manifests.ts'
import type { PeerTag } from '../catalog/tags.ts'
import type { Digest } from '../oci/digest.ts'
import type { Reference } from '../oci/name.ts'
import type { Preview } from '../store/remote.ts'
import type { Context } from './context.ts'
import { FROM_DISK, fromPeers } from './source-headers.ts'

/** What was found, and headers that say where. */
export interface Found<T> {
  readonly value: T
  readonly headers: Readonly<Record<string, string>>
}

/** A manifest that is stored here, or with `bytes` one that is only previewed. */
export interface FoundManifest extends Revision {
  readonly bytes?: Uint8Array
}

/** For HEAD, a blob of peers is only found when all of it has been pulled, so that GET will work. */
export async function findBlob(
  context: Context,
  repository: string,
  digest: Digest,
): Promise<Found<Content> | undefined> {
  const { store, remote, request } = context
  const local = await store.blobs.get(repository, digest)
  if (local || !remote) return local && { value: local, headers: FROM_DISK }
  const start = performance.now()
  const complete = request.method === 'HEAD'
  const alias = aliasOf(context, repository)
  const preview = context.isPreview && (await previewOf(context, repository, { digest, what: 'blob' }))
  if (preview) return { value: contentOf(preview.bytes), headers: preview.headers }
  const remoteBlob = await remote.blob(repository, digest, { signal: request.signal, complete, alias })
  if (!remoteBlob) return undefined
  const sources = remoteBlob.sources()
  const here = await store.blobs.get(repository, digest)
  if (here && sources.size === 0) return { value: here, headers: FROM_DISK } // linked from another repository
  const value = here ?? (complete ? undefined : remoteBlob)
  return value && { value, headers: fromPeers(sources, performance.now() - start) }
}

/**
 * A tag that was set here is served as it is. A tag that was taken from a peer is looked up again when it is older than
 * `swarm.tags.maxage`, and served as it is if no peer has a newer one, so an image that was pulled by tag can be pulled again
 * offline.
 */
export async function findManifest(
  context: Context,
  repository: string,
  reference: Reference,
): Promise<Found<FoundManifest> | undefined> {
  const { store, remote } = context
  const local = await store.manifests.find(repository, reference)
  const here = local && { value: local, headers: { ...FROM_DISK, ...sourceOf(local.tagPeer) } }
  if (!remote || (local && isFresh(local, remote.tagAge()))) return here
  if (reference.tag === undefined) return pullOrPreview(context, repository, reference.digest)
  const remoteTag = await remote.tag(repository, reference.tag, { signal: context.request.signal })
  return (remoteTag && (await findTagged(context, repository, reference.tag, remoteTag))) ?? here
}

const isFresh = ({ tagPeer, tagCheckedAt }: Tagged, age: number): boolean =>
  !tagPeer || Date.now() - (tagCheckedAt ?? 0) < age

const sourceOf = (peer: string | null | undefined): Record<string, string> =>
  peer ? { 'Flotilla-Tag-Source': peer } : {}

/** The manifest that a peer's tag names. The tag is stored, unless this is a preview. */
async function findTagged(
  context: Context,
  repository: string,
  tag: string,
  remoteTag: PeerTag,
): Promise<Found<FoundManifest> | undefined> {
  const { manifests } = context.store
  const { digest, peer } = remoteTag
  const local = await manifests.find(repository, { digest })
  const found = local
    ? { value: local, headers: FROM_DISK }
    : await pullOrPreview(context, repository, digest, { isNamed: true })
  if (found && !context.isPreview) await manifests.take(repository, tag, remoteTag)
  return found && { ...found, headers: { ...found.headers, ...sourceOf(peer) } }
}

async function pullOrPreview(
  context: Context,
  repository: string,
  digest: Digest,
  { isNamed = false } = {},
): Promise<Found<FoundManifest> | undefined> {
  if (!context.isPreview) return pullManifest(context, repository, digest, { isNamed })
  const preview = await previewOf(context, repository, { digest, what: 'manifest', isNamed })
  if (!preview?.mediaType) return undefined
  const { bytes, mediaType, headers } = preview
  return { value: { digest, mediaType, size: bytes.length, bytes }, headers }
}

interface Previewed {
  readonly digest: Digest
  readonly what: 'manifest' | 'blob'
  readonly isNamed?: boolean
}

/** What peers have, without storing it. */
async function previewOf(
  context: Context,
  repository: string,
  { digest, ...wanted }: Previewed,
): Promise<(Preview & Pick<Found<unknown>, 'headers'>) | undefined> {
  const { remote, request } = context
  const start = performance.now()
  const options = { ...wanted, signal: request.signal, alias: aliasOf(context, repository) }
  const preview = await remote?.preview(repository, digest, options)
  return preview && { ...preview, headers: fromPeers(preview.sources, performance.now() - start) }
}

const contentOf = (bytes: Uint8Array): Content => ({
  size: bytes.length,
  stream: ({ start, end } = { start: 0, end: bytes.length - 1 }) =>
    new Blob([bytes.slice(start, end + 1)]).stream(),
})

/** Pulls a manifest that is not here, or whose bytes the disk has lost. */
export async function pullManifest(
  context: Context,
  repository: string,
  digest: Digest,
  { isNamed = false } = {},
): Promise<Found<Revision> | undefined> {
  const { store, remote, request } = context
  const start = performance.now()
  const options = { signal: request.signal, alias: aliasOf(context, repository), isNamed }
  const sources = await remote?.manifest(repository, digest, options)
  const value = sources && (await store.manifests.find(repository, { digest }))
  return value && { value, headers: fromPeers(sources, performance.now() - start) }
}

/** A mirrored repository (`?ns=`) is stored here with its host; peers may have it under the name in the path. */
const aliasOf = ({ name }: Context, repository: string): string | undefined =>
  name === repository ? undefined : name
