/** All that an image is made of, as its registry lists it: read whole before anything is copied, so that the size is known. */
import type { Descriptor } from '../oci/descriptor.ts'
import { parseDigest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { type Manifest, parseManifest } from '../oci/manifest.ts'
import { isForeignLayerType, isIndexType } from '../oci/media-type.ts'
import type { Client, PulledManifest, Waiting } from './client.ts'

export interface TreeManifest extends PulledManifest {
  readonly manifest: Manifest
}

export interface ImageTree {
  /** What was asked for. */
  readonly root: TreeManifest
  /** Each once: children before their indexes, what refers to something after it; the root is among them. */
  readonly manifests: readonly TreeManifest[]
  /** Each once. */
  readonly blobs: readonly Descriptor[]
}

export interface TreeOptions extends Waiting {
  /** Also what refers to the image and its children: signatures, SBOMs, attestations. */
  readonly referrers?: boolean | undefined
}

/** More than the largest images have with their signatures; whoever lists referrers for ever gets no further. */
const MAX_MANIFESTS = 2000

/** @throws RegistryError MANIFEST_UNKNOWN for an image, or a child of its, that the registry has not */
export async function readImageTree(
  client: Client,
  repository: string,
  reference: string,
  { referrers = false, signal }: TreeOptions = {},
): Promise<ImageTree> {
  const found = new Map<string, TreeManifest>()
  const blobs = new Map<string, Descriptor>()

  async function walk(reference: string): Promise<TreeManifest> {
    const known = found.get(reference)
    if (known) return known
    const read = await readManifest(client, repository, reference, { signal })
    for (const child of read.manifest.manifests) await walk(child.digest)
    for (const blob of read.manifest.blobs) await walkBlob(read.manifest, blob)
    if (found.size === MAX_MANIFESTS)
      throw new RegistryError('SIZE_INVALID', `the image has more than ${MAX_MANIFESTS} manifests`)
    found.set(read.digest, read)
    return read
  }

  /** What an index names without a type may be a manifest. */
  async function walkBlob({ mediaType }: Manifest, blob: Descriptor): Promise<void> {
    const mayHide = isIndexType(mediaType) && blob.mediaType === ''
    if (mayHide && (await walk(blob.digest).catch(isUnknown))) return
    if (!isElsewhere(blob)) blobs.set(blob.digest, blob)
  }

  async function walkReferrers(): Promise<void> {
    for (const digest of found.keys()) {
      const subject = parseDigest(digest) // those that are found meanwhile come in turn
      if (!subject) continue
      for (const referrer of await client.referrers(repository, subject, { signal }))
        await walk(referrer.digest).catch(isUnknown) // a registry may list what only a peer of its has that is away
    }
  }

  const root = await walk(reference)
  if (referrers) await walkReferrers()
  return { root, manifests: [...found.values()], blobs: [...blobs.values()] }
}

/** @throws RegistryError MANIFEST_UNKNOWN */
export async function readManifest(
  client: Client,
  repository: string,
  reference: string,
  waiting: Waiting,
): Promise<TreeManifest> {
  const pulled = await client.getManifest(repository, reference, waiting)
  if (pulled) return { ...pulled, manifest: parseManifest(pulled.bytes, pulled.mediaType || undefined) }
  const name = `${repository}${reference.includes(':') ? '@' : ':'}${reference}`
  throw new RegistryError('MANIFEST_UNKNOWN', `${name} is not there`)
}

function isUnknown(error: unknown): undefined {
  if (error instanceof RegistryError && error.code === 'MANIFEST_UNKNOWN') return
  throw error
}

/** Layers that come from another address, which no registry has to hold. */
const isElsewhere = ({ mediaType, urls = [] }: Descriptor): boolean =>
  isForeignLayerType(mediaType) && urls.length > 0
