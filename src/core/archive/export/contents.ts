/** Finds what goes into the archive of an image: the manifests and blobs that can be read. */
import type { AbortOptions } from '../../async/abortable.ts'
import type { Client, PulledManifest } from '../../client/client.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { type Digest, parseDigest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { type Manifest, parseManifest } from '../../oci/manifest.ts'
import { isForeignLayerType, isIndexType } from '../../oci/media-type.ts'

/** A manifest or blob in the archive. */
export interface ArchiveEntry {
  readonly digest: Digest
  readonly size: number
  readonly kind: 'manifest' | 'blob'
}

export type ArchiveEntries = ReadonlyMap<Digest, ArchiveEntry>

export interface Source extends AbortOptions {
  readonly client: Client
  readonly repository: string
}

/** A manifest with its parsed form. */
export interface Pulled extends PulledManifest {
  readonly manifest: Manifest
}

/** Manifests that refer to an image, directly or through other referrers. */
const MAX_REFERRERS = 1000

/** @throws RegistryError MANIFEST_UNKNOWN */
export async function pull(source: Source, reference: string): Promise<Pulled> {
  const pulled = await find(source, reference)
  if (pulled) return pulled
  const detail = { name: source.repository, reference: reference.slice(0, 256) }
  throw new RegistryError('MANIFEST_UNKNOWN', undefined, { detail })
}

async function find(source: Source, reference: string): Promise<Pulled | undefined> {
  const { client, repository, signal } = source
  const pulled = await client.getManifest(repository, reference, { signal })
  return pulled && { ...pulled, manifest: parseManifest(pulled.bytes, pulled.mediaType || undefined) }
}

/**
 * For an image: the manifest and its blobs, which the registry pulls from its peers if necessary. For an index: also
 * those of its images that the registry holds.
 *
 * @throws RegistryError BLOB_UNKNOWN, MANIFEST_UNKNOWN, UNSUPPORTED for a layer that must be fetched from another URL
 */
export async function entriesOf(source: Source, root: Pulled): Promise<Map<Digest, ArchiveEntry>> {
  const entries = new Map<Digest, ArchiveEntry>([entryOf(root)])
  const { manifests, blobs, mediaType } = root.manifest
  const requireOf = isIndexType(mediaType) ? requireChild : requireEntry
  for (const blob of blobs) merge(entries, await requireOf(source, blob))
  for (const child of manifests) merge(entries, await heldEntriesOf(source, child))
  if (manifests.length === 0 || entries.size > 1) return entries
  throw new RegistryError(
    'MANIFEST_UNKNOWN',
    'the registry holds none of the images in the index; pull one first',
  )
}

/** The referrers of `root` that the registry holds, with what they need. */
export async function referrersOf(
  source: Source,
  root: Pulled,
): Promise<{ entries: ArchiveEntries; found: Descriptor[] }> {
  const entries = new Map<Digest, ArchiveEntry>()
  const found: Descriptor[] = []
  const subjects = [root.digest]
  for (let subject = subjects.pop(); subject; subject = subjects.pop()) {
    for (const descriptor of await source.client.referrers(source.repository, subject, source)) {
      const digest = parseDigest(descriptor.digest)
      if (!digest || entries.has(digest) || found.length === MAX_REFERRERS) continue
      const held = await heldEntriesOf(source, descriptor)
      merge(entries, held)
      if (!held.has(digest)) continue
      found.push(descriptor)
      subjects.push(digest)
    }
  }
  return { entries, found }
}

/** Empty if the registry lacks part of it. */
async function heldEntriesOf(source: Source, descriptor: Descriptor): Promise<ArchiveEntries> {
  const pulled = await find(source, descriptor.digest)
  if (!pulled) return NONE
  const entries = new Map<Digest, ArchiveEntry>([entryOf(pulled)])
  const { blobs, manifests, mediaType } = pulled.manifest
  for (const blob of blobs) {
    const held = await heldEntry(source, blob)
    const found = isIndexType(mediaType) && held.size === 0 ? await heldEntriesOf(source, blob) : held
    if (found.size === 0 && !isForeignLayer(blob)) return NONE
    merge(entries, found)
  }
  for (const child of manifests) merge(entries, await heldEntriesOf(source, child))
  return entries
}

const NONE: ArchiveEntries = new Map()

const entryOf = ({ digest, bytes }: Pulled): [Digest, ArchiveEntry] => [
  digest,
  { digest, size: bytes.byteLength, kind: 'manifest' },
]

const blobEntry = (digest: Digest, size: number): ArchiveEntries =>
  new Map([[digest, { digest, size, kind: 'blob' }]])

async function heldEntry(source: Source, descriptor: Descriptor): Promise<ArchiveEntries> {
  const digest = parseDigest(descriptor.digest)
  const size = digest && (await source.client.blobSize(source.repository, digest, source))
  return size === undefined ? NONE : blobEntry(digest!, size)
}

/** HEAD finds what the registry holds; requesting one byte makes it pull the blob from its peers. */
async function requireEntry(source: Source, descriptor: Descriptor): Promise<ArchiveEntries> {
  const held = await heldEntry(source, descriptor)
  if (held.size > 0) return held
  if (isForeignLayer(descriptor)) {
    throw new RegistryError(
      'UNSUPPORTED',
      `layer ${descriptor.digest} is not in the registry; it has to be fetched from ${descriptor.urls?.[0]}`,
    )
  }
  const digest = parseDigest(descriptor.digest)
  const range = { start: 0, end: 0 }
  const found = digest && (await source.client.getBlob(source.repository, digest, { ...source, range }))
  if (!found) throw missing(descriptor)
  await found.stream.cancel()
  return blobEntry(digest!, descriptor.size)
}

const missing = ({ digest }: Descriptor): RegistryError =>
  new RegistryError(
    'BLOB_UNKNOWN',
    `${digest} is neither in the registry nor at one of its peers; push the image again`,
    { detail: digest },
  )

/** The child of an index without a manifest's type: a blob, or a manifest after all. */
async function requireChild(source: Source, descriptor: Descriptor): Promise<ArchiveEntries> {
  try {
    return await requireEntry(source, descriptor)
  } catch (error) {
    const entries = await heldEntriesOf(source, descriptor)
    if (entries.size === 0) throw error
    return entries
  }
}

const isForeignLayer = ({ mediaType, urls = [] }: Descriptor): boolean =>
  isForeignLayerType(mediaType) && urls.length > 0

function merge(entries: Map<Digest, ArchiveEntry>, others: ArchiveEntries): void {
  for (const [digest, entry] of others) entries.set(digest, entry)
}
