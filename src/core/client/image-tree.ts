/** All manifests and blobs of an image. They are listed before anything is copied, so that the total size is known. */

import type { AbortOptions } from '../async/abortable.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { parseDigest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { type Manifest, parseManifest } from '../oci/manifest.ts'
import { isForeignLayerType, isIndexType } from '../oci/media-type.ts'
import type { Client, PulledManifest } from './client.ts'

export interface TreeManifest extends PulledManifest {
  readonly manifest: Manifest
}

export interface ImageTree {
  /** The manifest that was requested. */
  readonly root: TreeManifest
  /** Each once, including the root: children before their indexes, referrers after their subjects. */
  readonly manifests: readonly TreeManifest[]
  /** Each once. */
  readonly blobs: readonly Descriptor[]
}

export interface TreeOptions extends AbortOptions {
  /** Include the referrers of the image and its children: signatures, SBOMs, attestations. */
  readonly referrers?: boolean | undefined
}

/** More than the largest images have with their signatures; bounds registries that list referrers endlessly. */
const MAX_MANIFESTS = 2000

/** @throws RegistryError MANIFEST_UNKNOWN if the registry lacks the image or one of its children */
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
      throw new RegistryError(
        'SIZE_INVALID',
        `the image has more than ${MAX_MANIFESTS} manifests with its referrers`,
      )
    found.set(read.digest, read)
    return read
  }

  /** An index may list a manifest without a type. */
  async function walkBlob({ mediaType }: Manifest, blob: Descriptor): Promise<void> {
    const mayBeManifest = isIndexType(mediaType) && blob.mediaType === ''
    if (mayBeManifest && (await walk(blob.digest).catch(isUnknown))) return
    if (!isForeignLayer(blob)) blobs.set(blob.digest, blob)
  }

  async function walkReferrers(): Promise<void> {
    for (const digest of found.keys()) {
      const subject = parseDigest(digest) // the loop also visits those that it adds
      if (!subject) continue
      for (const referrer of await client.referrers(repository, subject, { signal }))
        await walk(referrer.digest).catch(isUnknown) // a registry may list referrers of a peer that is gone
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
  options: AbortOptions,
): Promise<TreeManifest> {
  const pulled = await client.getManifest(repository, reference, options)
  if (pulled) return { ...pulled, manifest: parseManifest(pulled.bytes, pulled.mediaType || undefined) }
  const name = `${repository}${reference.includes(':') ? '@' : ':'}${reference}`
  throw new RegistryError('MANIFEST_UNKNOWN', `the registry has no ${name}`)
}

function isUnknown(error: unknown): undefined {
  if (error instanceof RegistryError && error.code === 'MANIFEST_UNKNOWN') return
  throw error
}

/** Foreign layers are fetched from their URLs; no registry has to hold them. */
const isForeignLayer = ({ mediaType, urls = [] }: Descriptor): boolean =>
  isForeignLayerType(mediaType) && urls.length > 0
