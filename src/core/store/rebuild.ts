/**
 * Rebuilds a lost catalog from what is left: the blobs on the disk, and the backup of the names. Everything on the disk
 * is served again. What the backup does not name goes to the repository `recovered`, where the user found it.
 */
import type { Content, Disk } from '../blobs/ports.ts'
import type { Catalog, Queries } from '../catalog/catalog.ts'
import type { NamedManifest, NamedRepository } from '../catalog/names.ts'
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { MAX_MANIFEST_SIZE, type Manifest, parseManifest } from '../oci/manifest.ts'
import { isIndexType } from '../oci/media-type.ts'
import { type NamesFile, readNamesBackup } from './names-backup.ts'

/** The repository of manifests and blobs that the backup does not name. */
export const RECOVERED = 'recovered'

export interface Rebuilt {
  readonly blobs: number
  readonly manifests: number
  /** Of these, in {@link RECOVERED}. */
  readonly recovered: number
}

interface FoundBlob {
  readonly size: number
  /** If it can be parsed as one. */
  readonly manifest: Manifest | undefined
}

type FoundBlobs = ReadonlyMap<Digest, FoundBlob>

/** Whether the disk holds bytes and the catalog no rows. */
export async function isLost(disk: Disk, catalog: Catalog): Promise<boolean> {
  if (!(await catalog.blobs.isEmpty())) return false
  for await (const _ of disk.list()) return true
  return false
}

/**
 * Fills an empty catalog, completely or not at all. Digests are not checked again: a file gets its digest as its name
 * only after its bytes were verified.
 */
export async function rebuild(disk: Disk, catalog: Catalog, names: NamesFile): Promise<Rebuilt> {
  const repositories = await readNamesBackup(names)
  const types = typesOf(repositories)
  const found = new Map<Digest, FoundBlob>()
  for await (const digest of disk.list()) {
    const content = await disk.get(digest)
    if (content) found.set(digest, await inspect(content, types.get(digest)))
  }
  return catalog.transaction((queries) => writeRows(queries, found, repositories))
}

const typesOf = (repositories: readonly NamedRepository[]): Map<Digest, string> =>
  new Map(
    repositories.flatMap(({ manifests }) => manifests.map(({ digest, mediaType }) => [digest, mediaType])),
  )

async function inspect(content: Content, mediaType: string | undefined): Promise<FoundBlob> {
  const { size } = content
  if (size > MAX_MANIFEST_SIZE) return { size, manifest: undefined }
  const bytes = new Uint8Array(await new Response(content.stream()).arrayBuffer())
  try {
    return { size, manifest: parseManifest(bytes, mediaType) }
  } catch (error) {
    if (error instanceof RegistryError) return { size, manifest: undefined }
    throw error
  }
}

/** Writes the rows of everything that was found. */
async function writeRows(
  queries: Queries,
  found: FoundBlobs,
  repositories: readonly NamedRepository[],
): Promise<Rebuilt> {
  const rest = restOf(found, repositories)
  const all = [...repositories, ...(rest.manifests.length + rest.blobs.length > 0 ? [rest] : [])]
  const pushed = new Set(
    all.flatMap(({ manifests, blobs }) => [...reach(found, manifests.filter(isPushed)), ...blobs]),
  )
  for (const [digest, { size }] of found) {
    await queries.blobs.add(digest, size, { isCached: !pushed.has(digest) })
  }
  for (const repository of all) await writeRepository(queries, found, repository)
  const manifests = all
    .flatMap((repository) => repository.manifests)
    .filter(({ digest }) => manifestOf(found, digest))
  return { blobs: found.size, manifests: manifests.length, recovered: rest.manifests.length }
}

/** What no repository names: manifests, and the blobs that none of these needs either. */
function restOf(found: FoundBlobs, repositories: readonly NamedRepository[]): NamedRepository {
  const named = new Set(
    repositories.flatMap(({ manifests, blobs }) => [...reach(found, manifests), ...blobs]),
  )
  const unnamed = [...found.keys()].filter((digest) => !named.has(digest))
  const manifests = unnamed.flatMap((digest): NamedManifest[] => {
    const mediaType = manifestOf(found, digest)?.mediaType
    return mediaType === undefined ? [] : [{ digest, mediaType, cached: false, kept: false }]
  })
  const reached = reach(found, manifests)
  return { name: RECOVERED, manifests, tags: {}, blobs: unnamed.filter((digest) => !reached.has(digest)) }
}

/** The manifests, and the blobs that they need. */
const reach = (found: FoundBlobs, manifests: readonly NamedManifest[]): Set<Digest> =>
  new Set(manifests.flatMap(({ digest }) => [digest, ...blobsOf(found, digest)]))

async function writeRepository(
  queries: Queries,
  found: FoundBlobs,
  repository: NamedRepository,
): Promise<void> {
  const { name, manifests, tags, taken = {}, blobs, deletions = [] } = repository
  const own = new Set(manifests.map(({ digest }) => digest))
  await queries.repositories.add(name)
  for (const { digest, cached, kept, voucher } of manifests) {
    const manifest = manifestOf(found, digest)
    if (!manifest) continue
    // A child may be a manifest even if its type in the index does not say so.
    const isBlob = (digest: Digest) => !(isIndexType(manifest.mediaType) && own.has(digest))
    for (const blob of blobsOf(found, digest).filter(isBlob)) await queries.blobs.link(name, blob)
    await queries.manifests.put(name, digest, manifest, { isCached: cached })
    const subject = manifest.subject?.digest as Digest | undefined
    if (voucher && subject) await queries.peerReferrers.vouch(name, subject, { digest, peer: voucher })
    if (kept) await queries.eviction.keep(name, digest)
  }
  for (const digest of blobs) await queries.blobs.link(name, digest)
  for (const [tag, digest] of Object.entries(tags)) {
    if (manifestOf(found, digest)) await queries.tags.put(name, tag, digest, Date.now())
  }
  for (const [tag, one] of Object.entries(taken)) {
    if (manifestOf(found, one.digest)) await queries.tags.take(name, tag, { ...one, checkedAt: 0 })
  }
  await queries.deletions.record(name, deletions)
}

const isPushed = ({ cached }: NamedManifest): boolean => !cached

const manifestOf = (found: FoundBlobs, digest: Digest): Manifest | undefined => found.get(digest)?.manifest

const blobsOf = (found: FoundBlobs, digest: Digest): Digest[] =>
  (manifestOf(found, digest)?.blobs ?? []).map((blob) => blob.digest as Digest)
