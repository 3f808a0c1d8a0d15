/**
 * Finds what a pull asks for: here, and if it is not here, elsewhere. Apart from the endpoints because a manifest is
 * looked for on more than one way.
 */
import type { Content } from '../blobs/ports.ts'
import type { Revision } from '../catalog/manifests.ts'
import type { Digest } from '../oci/digest.ts'
import type { Reference } from '../oci/name.ts'
import type { Context } from './context.ts'
import { FROM_DISK, fromPeers } from './provenance.ts'

/** What was found, and the headers that say where. */
export interface Found<T> {
  readonly value: T
  readonly headers: Readonly<Record<string, string>>
}

/** For HEAD, a blob from elsewhere is found only when all of it is here: GET will then work. */
export async function findBlob(
  context: Context,
  repository: string,
  digest: Digest,
): Promise<Found<Content> | undefined> {
  const { store, elsewhere, request } = context
  const local = await store.blobs.get(repository, digest)
  if (local || !elsewhere) return local && { value: local, headers: FROM_DISK }
  const start = performance.now()
  const whole = request.method === 'HEAD'
  const alias = aliasOf(context, repository)
  const arrival = await elsewhere.blob(repository, digest, { signal: request.signal, whole, alias })
  if (!arrival) return undefined
  const origins = arrival.origins()
  const here = await store.blobs.get(repository, digest)
  if (here && origins.size === 0) return { value: here, headers: FROM_DISK } // of another repository
  const value = here ?? (whole ? undefined : arrival)
  return value && { value, headers: fromPeers(origins, performance.now() - start) }
}

/** A tag that somebody else holds stays theirs: it is answered, and not written here. */
export async function findManifest(
  context: Context,
  repository: string,
  reference: Reference,
): Promise<Found<Revision> | undefined> {
  const { store, elsewhere, request } = context
  const local = await store.manifests.find(repository, reference)
  if (local || !elsewhere) return local && { value: local, headers: FROM_DISK }
  if (reference.tag === undefined) return bringManifest(context, repository, reference.digest)
  const foreign = await elsewhere.tag(repository, reference.tag, { signal: request.signal })
  const found = foreign && (await findNamed(context, repository, foreign.digest))
  return found && { ...found, headers: { ...found.headers, 'Flotilla-Tag-Source': foreign.peer } }
}

/** What a tag of the repository names that is not set here. */
async function findNamed(
  context: Context,
  repository: string,
  digest: Digest,
): Promise<Found<Revision> | undefined> {
  const local = await context.store.manifests.find(repository, { digest })
  return local
    ? { value: local, headers: FROM_DISK }
    : bringManifest(context, repository, digest, { isNamed: true })
}

/** A manifest that is not here, or whose bytes the disk has lost. */
export async function bringManifest(
  context: Context,
  repository: string,
  digest: Digest,
  { isNamed = false } = {},
): Promise<Found<Revision> | undefined> {
  const { store, elsewhere, request } = context
  const start = performance.now()
  const asked = { signal: request.signal, alias: aliasOf(context, repository), isNamed }
  const origins = await elsewhere?.manifest(repository, digest, asked)
  const value = origins && (await store.manifests.find(repository, { digest }))
  return value && { value, headers: fromPeers(origins, performance.now() - start) }
}

/** What mirrors another registry (`?ns=`) is kept under its host, and elsewhere maybe under the name in the path. */
const aliasOf = ({ name }: Context, repository: string): string | undefined =>
  name === repository ? undefined : name
