/**
 * Finds what a pull asks for: here, and if it is not here, elsewhere. Apart from the endpoints because a manifest is
 * looked for on more than one way.
 */
import type { Content } from '../blobs/ports.ts'
import type { Revision, Tagged } from '../catalog/manifests.ts'
import type { PeerTag } from '../catalog/tags.ts'
import type { Digest } from '../oci/digest.ts'
import type { Reference } from '../oci/name.ts'
import type { Preview } from '../store/remote.ts'
import type { Context } from './context.ts'
import { FROM_DISK, fromPeers } from './source-headers.ts'

/** What was found, and the headers that say where. */
export interface Found<T> {
  readonly value: T
  readonly headers: Readonly<Record<string, string>>
}

/** A manifest that is here, or one that is only looked at, whose bytes are at hand. */
export interface FoundManifest extends Revision {
  readonly bytes?: Uint8Array
}

/** For HEAD, a blob from elsewhere is found only when all of it is here: GET will then work. */
export async function findBlob(
  context: Context,
  repository: string,
  digest: Digest,
): Promise<Found<Content> | undefined> {
  const { store, remote, request } = context
  const local = await store.blobs.get(repository, digest)
  if (local || !remote) return local && { value: local, headers: FROM_DISK }
  const start = performance.now()
  const whole = request.method === 'HEAD'
  const alias = aliasOf(context, repository)
  const glimpse = context.isLook && (await look(context, repository, { digest, what: 'blob' }))
  if (glimpse) return { value: contentOf(glimpse.bytes), headers: glimpse.headers }
  const remoteBlob = await remote.blob(repository, digest, { signal: request.signal, complete: whole, alias })
  if (!remoteBlob) return undefined
  const origins = remoteBlob.sources()
  const here = await store.blobs.get(repository, digest)
  if (here && origins.size === 0) return { value: here, headers: FROM_DISK } // of another repository
  const value = here ?? (whole ? undefined : remoteBlob)
  return value && { value, headers: fromPeers(origins, performance.now() - start) }
}

/**
 * A tag that was set here is answered from here. One that was taken from a peer is asked for again when it has reached its
 * age, and answered as it stands where nobody has a newer one: so what was pulled by its tag can be pulled again offline.
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
  if (reference.tag === undefined) return bringOrLook(context, repository, reference.digest)
  const given = await remote.tag(repository, reference.tag, { signal: context.request.signal })
  return (given && (await findGiven(context, repository, reference.tag, given))) ?? here
}

const isFresh = ({ tagPeer, tagCheckedAt }: Tagged, age: number): boolean =>
  !tagPeer || Date.now() - (tagCheckedAt ?? 0) < age

const sourceOf = (peer: string | null | undefined): Record<string, string> =>
  peer ? { 'Flotilla-Tag-Source': peer } : {}

/** What a peer's tag names; the tag is kept, unless it is only looked at. */
async function findGiven(
  context: Context,
  repository: string,
  tag: string,
  given: PeerTag,
): Promise<Found<FoundManifest> | undefined> {
  const { manifests } = context.store
  const { digest, peer } = given
  const local = await manifests.find(repository, { digest })
  const found = local
    ? { value: local, headers: FROM_DISK }
    : await bringOrLook(context, repository, digest, { isNamed: true })
  if (found && !context.isLook) await manifests.take(repository, tag, given)
  return found && { ...found, headers: { ...found.headers, ...sourceOf(peer) } }
}

async function bringOrLook(
  context: Context,
  repository: string,
  digest: Digest,
  { isNamed = false } = {},
): Promise<Found<FoundManifest> | undefined> {
  if (!context.isLook) return bringManifest(context, repository, digest, { isNamed })
  const glimpse = await look(context, repository, { digest, what: 'manifest', isNamed })
  if (!glimpse?.mediaType) return undefined
  const { bytes, mediaType, headers } = glimpse
  return { value: { digest, mediaType, size: bytes.length, bytes }, headers }
}

interface Look {
  readonly digest: Digest
  readonly what: 'manifest' | 'blob'
  readonly isNamed?: boolean
}

/** What peers have, without keeping it. */
async function look(
  context: Context,
  repository: string,
  { digest, ...asked }: Look,
): Promise<(Preview & Pick<Found<unknown>, 'headers'>) | undefined> {
  const { remote, request } = context
  const start = performance.now()
  const options = { ...asked, signal: request.signal, alias: aliasOf(context, repository) }
  const glimpse = await remote?.preview(repository, digest, options)
  return glimpse && { ...glimpse, headers: fromPeers(glimpse.sources, performance.now() - start) }
}

const contentOf = (bytes: Uint8Array): Content => ({
  size: bytes.length,
  stream: ({ start, end } = { start: 0, end: bytes.length - 1 }) =>
    new Blob([bytes.slice(start, end + 1)]).stream(),
})

/** A manifest that is not here, or whose bytes the disk has lost. */
export async function bringManifest(
  context: Context,
  repository: string,
  digest: Digest,
  { isNamed = false } = {},
): Promise<Found<Revision> | undefined> {
  const { store, remote, request } = context
  const start = performance.now()
  const asked = { signal: request.signal, alias: aliasOf(context, repository), isNamed }
  const origins = await remote?.manifest(repository, digest, asked)
  const value = origins && (await store.manifests.find(repository, { digest }))
  return value && { value, headers: fromPeers(origins, performance.now() - start) }
}

/** What mirrors another registry (`?ns=`) is kept under its host, and elsewhere maybe under the name in the path. */
const aliasOf = ({ name }: Context, repository: string): string | undefined =>
  name === repository ? undefined : name
