/** Reads what the page shows about a reference. */
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { parseDigest } from '../../../core/oci/digest.ts'
import type { ImageConfig } from '../../../core/oci/image-config.ts'
import { isIndexType } from '../../../core/oci/media-type.ts'
import { shortDigest } from '../components/text.ts'
import { findImages, type StoredImage } from '../requests/admin.ts'
import { type ImageManifest, previewConfig, previewManifest } from '../requests/distribution.ts'
import { type Query, useQuery } from '../requests/use-query.ts'
import { platformText } from './image-config.ts'

export interface Platform {
  /** Unique within the index, in which several children may have the same platform, or none. */
  readonly id: string
  readonly text: string
  readonly descriptor: Descriptor
  /** `undefined` if it is not stored here. */
  readonly stored: StoredImage | undefined
}

export interface Image {
  readonly manifest: ImageManifest
  /** `undefined` if it is not stored here. */
  readonly stored: StoredImage | undefined
  /** The images of an index, without its attestations. */
  readonly platforms: readonly Platform[]
  readonly attestations: readonly Descriptor[]
  /** Other children of an index, such as the layers of a BuildKit cache. */
  readonly others: readonly Descriptor[]
}

export const useImage = (name: string, reference: string): Query<Image> =>
  useQuery(`${name} ${reference}`, async (signal) => {
    const manifest = await previewManifest(name, reference, { signal })
    const children = uniqueByDigest(manifest.manifests)
    // The registry rejects malformed digests.
    const digests = [manifest, ...children]
      .map(({ digest }) => digest)
      .filter((digest) => parseDigest(digest))
    const images = await findImages(name, digests, { signal })
    const isAttestation = ({ platform, annotations }: Descriptor) =>
      platform?.os === 'unknown' || annotations?.['vnd.docker.reference.type'] === 'attestation-manifest'
    return {
      manifest,
      stored: images.get(manifest.digest),
      platforms: platformsOf(
        children.filter((child) => !isAttestation(child)),
        images,
      ),
      attestations: children.filter(isAttestation),
      others: isIndexType(manifest.mediaType) ? manifest.blobs : [],
    }
  })

function platformsOf(
  children: readonly Descriptor[],
  images: ReadonlyMap<string, StoredImage>,
): readonly Platform[] {
  const seen = new Set<string>()
  return children.map((descriptor) => {
    const { digest } = descriptor
    const text = platformText(descriptor.platform)
    const id = text === '' || seen.has(text) ? digest : text
    seen.add(id)
    return { id, text: text || shortDigest(digest), descriptor, stored: images.get(digest) }
  })
}

/** The selected platform; otherwise linux/amd64 if it is stored here; otherwise any that is stored here. */
export const chosenPlatform = ({ platforms }: Image, wantedId: string | undefined): Platform | undefined => {
  const stored = platforms.filter(({ stored }) => stored && stored.missing === 0)
  return (
    platforms.find(({ id }) => id === wantedId) ??
    stored.find(({ text }) => text === 'linux/amd64') ??
    stored[0] ??
    platforms[0]
  )
}

const uniqueByDigest = (descriptors: readonly Descriptor[]): Descriptor[] => [
  ...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values(),
]

export interface Contents {
  readonly manifest: ImageManifest
  readonly config: ImageConfig | undefined
  /** Why the config could not be read; the layers are known nevertheless. */
  readonly configFailure: unknown
}

/** Manifest and config of an image, or of a platform of an index. */
export const useContents = (name: string, digest: string): Query<Contents> =>
  useQuery(`${name} ${digest}`, async (signal) => {
    const manifest = await previewManifest(name, digest, { signal })
    try {
      const config = await previewConfig(name, manifest.config, { signal })
      return { manifest, config, configFailure: undefined }
    } catch (configFailure) {
      return { manifest, config: undefined, configFailure }
    }
  })
