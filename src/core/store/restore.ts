/**
 * Which rows a rebuilt catalog gets: what was found on the disk, in the repositories that the copy of the names tells.
 * Apart from the finding because it touches no bytes.
 */
import type { Queries } from '../catalog/catalog.ts'
import type { NamedManifest, NamedRepository } from '../catalog/names.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import { isIndexType } from '../oci/media-type.ts'

/** Where manifests and blobs go whose repository nobody knows. */
export const RECOVERED = 'recovered'

export interface Rebuilt {
  readonly blobs: number
  readonly manifests: number
  /** Of these, in {@link RECOVERED}. */
  readonly recovered: number
}

export interface Found {
  readonly size: number
  /** Where it reads as one. */
  readonly manifest: Manifest | undefined
}

export type Finds = ReadonlyMap<Digest, Found>

/** Writes the rows of all that was found. */
export async function restore(
  queries: Queries,
  finds: Finds,
  repositories: readonly NamedRepository[],
): Promise<Rebuilt> {
  const rest = restOf(finds, repositories)
  const all = [...repositories, ...(rest.manifests.length + rest.blobs.length > 0 ? [rest] : [])]
  const pushed = new Set(
    all.flatMap(({ manifests, blobs }) => [...reach(finds, manifests.filter(isPushed)), ...blobs]),
  )
  for (const [digest, { size }] of finds) {
    await queries.blobs.add(digest, size, { isCached: !pushed.has(digest) })
  }
  for (const repository of all) await restoreOne(queries, finds, repository)
  const manifests = all
    .flatMap((repository) => repository.manifests)
    .filter(({ digest }) => manifestOf(finds, digest))
  return { blobs: finds.size, manifests: manifests.length, recovered: rest.manifests.length }
}

/** What no repository names: manifests, and the blobs that none of them needs either. */
function restOf(finds: Finds, repositories: readonly NamedRepository[]): NamedRepository {
  const named = new Set(
    repositories.flatMap(({ manifests, blobs }) => [...reach(finds, manifests), ...blobs]),
  )
  const unnamed = [...finds.keys()].filter((digest) => !named.has(digest))
  const manifests = unnamed.flatMap((digest): NamedManifest[] => {
    const mediaType = manifestOf(finds, digest)?.mediaType
    return mediaType === undefined ? [] : [{ digest, mediaType, cached: false, kept: false }]
  })
  const reached = reach(finds, manifests)
  return { name: RECOVERED, manifests, tags: {}, blobs: unnamed.filter((digest) => !reached.has(digest)) }
}

/** Manifests and the blobs that they need. */
const reach = (finds: Finds, manifests: readonly NamedManifest[]): Set<Digest> =>
  new Set(manifests.flatMap(({ digest }) => [digest, ...blobsOf(finds, digest)]))

async function restoreOne(queries: Queries, finds: Finds, repository: NamedRepository): Promise<void> {
  const { name, manifests, tags, taken = {}, blobs, deletions = [] } = repository
  const own = new Set(manifests.map(({ digest }) => digest))
  await queries.repositories.add(name)
  for (const { digest, cached, kept, voucher } of manifests) {
    const manifest = manifestOf(finds, digest)
    if (!manifest) continue
    // What an index does not call a manifest may be one.
    const isBlob = (digest: Digest) => !(isIndexType(manifest.mediaType) && own.has(digest))
    for (const blob of blobsOf(finds, digest).filter(isBlob)) await queries.blobs.link(name, blob)
    await queries.manifests.put(name, digest, manifest, { isCached: cached })
    const subject = manifest.subject?.digest as Digest | undefined
    if (voucher && subject) await queries.vouching.vouch(name, subject, { digest, peer: voucher })
    if (kept) await queries.keeping.keep(name, digest)
  }
  for (const digest of blobs) await queries.blobs.link(name, digest)
  for (const [tag, digest] of Object.entries(tags)) {
    if (manifestOf(finds, digest)) await queries.tags.put(name, tag, digest, Date.now())
  }
  for (const [tag, one] of Object.entries(taken)) {
    if (manifestOf(finds, one.digest)) await queries.tags.take(name, tag, { ...one, checkedAt: 0 })
  }
  await queries.deletions.record(name, deletions)
}

const isPushed = ({ cached }: NamedManifest): boolean => !cached

const manifestOf = (finds: Finds, digest: Digest): Manifest | undefined => finds.get(digest)?.manifest

const blobsOf = (finds: Finds, digest: Digest): Digest[] =>
  (manifestOf(finds, digest)?.blobs ?? []).map((blob) => blob.digest as Digest)
