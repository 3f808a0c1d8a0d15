/** What goes into an archive of an image: the manifests and blobs that are there to be read. */
import type { Client, PulledManifest, Waiting } from '../client/client.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { type Digest, parseDigest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { type Manifest, parseManifest } from '../oci/manifest.ts'
import { isForeignLayerType, isIndexType } from '../oci/media-type.ts'

/** Something that an archive holds. */
export interface Part {
  readonly digest: Digest
  readonly size: number
  readonly kind: 'manifest' | 'blob'
}

export type Parts = ReadonlyMap<Digest, Part>

export interface Source extends Waiting {
  readonly client: Client
  readonly repository: string
}

/** A manifest, read. */
export interface Pulled extends PulledManifest {
  readonly manifest: Manifest
}

/** Manifests that refer to an image, and to those again. */
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
 * An image with its blobs, which are brought from elsewhere where that is possible; an index with its blobs, and with
 * those of its images that are held.
 *
 * @throws RegistryError BLOB_UNKNOWN, MANIFEST_UNKNOWN, UNSUPPORTED for a layer that has to come from another place
 */
export async function partsOf(source: Source, root: Pulled): Promise<Map<Digest, Part>> {
  const parts = new Map<Digest, Part>([partOf(root)])
  const { manifests, blobs, mediaType } = root.manifest
  const requireOf = isIndexType(mediaType) ? requireChild : requirePart
  for (const blob of blobs) merge(parts, await requireOf(source, blob))
  for (const child of manifests) merge(parts, await heldPartsOf(source, child))
  if (manifests.length === 0 || parts.size > 1) return parts
  throw new RegistryError('MANIFEST_UNKNOWN', 'none of the images in the index is held')
}

/** All that refers to `root` and is held, and the manifests of it that do. */
export async function referrersOf(
  source: Source,
  root: Pulled,
): Promise<{ parts: Parts; found: Descriptor[] }> {
  const parts = new Map<Digest, Part>()
  const found: Descriptor[] = []
  const subjects = [root.digest]
  for (let subject = subjects.pop(); subject; subject = subjects.pop()) {
    for (const descriptor of await source.client.referrers(source.repository, subject, source)) {
      const digest = parseDigest(descriptor.digest)
      if (!digest || parts.has(digest) || found.length === MAX_REFERRERS) continue
      const held = await heldPartsOf(source, descriptor)
      merge(parts, held)
      if (!held.has(digest)) continue
      found.push(descriptor)
      subjects.push(digest)
    }
  }
  return { parts, found }
}

/** Nothing, where something of it is not held here. */
async function heldPartsOf(source: Source, descriptor: Descriptor): Promise<Parts> {
  const pulled = await find(source, descriptor.digest)
  if (!pulled) return NONE
  const parts = new Map<Digest, Part>([partOf(pulled)])
  const { blobs, manifests, mediaType } = pulled.manifest
  for (const blob of blobs) {
    const held = await heldPart(source, blob)
    const instead = isIndexType(mediaType) && held.size === 0 ? await heldPartsOf(source, blob) : held
    if (instead.size === 0 && !isElsewhere(blob)) return NONE
    merge(parts, instead)
  }
  for (const child of manifests) merge(parts, await heldPartsOf(source, child))
  return parts
}

const NONE: Parts = new Map()

const partOf = ({ digest, bytes }: Pulled): [Digest, Part] => [
  digest,
  { digest, size: bytes.byteLength, kind: 'manifest' },
]

const blobPart = (digest: Digest, size: number): Parts => new Map([[digest, { digest, size, kind: 'blob' }]])

async function heldPart(source: Source, descriptor: Descriptor): Promise<Parts> {
  const digest = parseDigest(descriptor.digest)
  const size = digest && (await source.client.blobSize(source.repository, digest, source))
  return size === undefined ? NONE : blobPart(digest!, size)
}

/** HEAD tells of what is here; asking for a byte brings what is elsewhere. */
async function requirePart(source: Source, descriptor: Descriptor): Promise<Parts> {
  const held = await heldPart(source, descriptor)
  if (held.size > 0) return held
  if (isElsewhere(descriptor)) {
    throw new RegistryError(
      'UNSUPPORTED',
      `layer ${descriptor.digest} is not here but at ${descriptor.urls?.[0]}`,
    )
  }
  const digest = parseDigest(descriptor.digest)
  const range = { start: 0, end: 0 }
  const found = digest && (await source.client.getBlob(source.repository, digest, { ...source, range }))
  if (!found) throw missing(descriptor)
  await found.stream.cancel()
  return blobPart(digest!, descriptor.size)
}

const missing = ({ digest }: Descriptor): RegistryError =>
  new RegistryError('BLOB_UNKNOWN', `${digest} is neither here nor with a peer`, { detail: digest })

/** Of an index: a blob, unless there is a manifest in its place. */
async function requireChild(source: Source, descriptor: Descriptor): Promise<Parts> {
  try {
    return await requirePart(source, descriptor)
  } catch (error) {
    const parts = await heldPartsOf(source, descriptor)
    if (parts.size === 0) throw error
    return parts
  }
}

const isElsewhere = ({ mediaType, urls = [] }: Descriptor): boolean =>
  isForeignLayerType(mediaType) && urls.length > 0

function merge(parts: Map<Digest, Part>, others: Parts): void {
  for (const [digest, part] of others) parts.set(digest, part)
}
