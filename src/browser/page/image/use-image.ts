/** Everything about one reference that the page shows, read at once. */
import type { ImageConfig } from '../../../core/oci/config.ts'
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { parseDigest } from '../../../core/oci/digest.ts'
import { isIndexType } from '../../../core/oci/media-type.ts'
import { shortDigest } from '../parts/texts.ts'
import { type ImageManifest, pullConfig, pullManifest } from '../requests/distribution.ts'
import { findImages, type HeldImage } from '../requests/owner.ts'
import { type Loaded, useLoaded } from '../use-loaded.ts'
import { platformText } from './image-config.ts'

export interface Platform {
  /** Tells it from the others of its index, of which two may be for the same platform, or say none. */
  readonly id: string
  readonly text: string
  readonly descriptor: Descriptor
  /** `undefined` for a platform that is not held here. */
  readonly held: HeldImage | undefined
}

export interface Image {
  readonly manifest: ImageManifest
  /** What the owner's side knows of it; `undefined` if it has only just passed by. */
  readonly held: HeldImage | undefined
  /** Of an index: its images; attestations are apart. */
  readonly platforms: readonly Platform[]
  readonly attestations: readonly Descriptor[]
  /** Of an index: what else it names, such as the layers in a cache of BuildKit. */
  readonly others: readonly Descriptor[]
}

export const useImage = (name: string, reference: string): Loaded<Image> =>
  useLoaded(`${name} ${reference}`, async (signal) => {
    const manifest = await pullManifest(name, reference, { signal })
    const children = uniqueByDigest(manifest.manifests)
    // The registry knows no others.
    const digests = [manifest, ...children]
      .map(({ digest }) => digest)
      .filter((digest) => parseDigest(digest))
    const images = await findImages(name, digests, { signal })
    const isAttestation = ({ platform, annotations }: Descriptor) =>
      platform?.os === 'unknown' || annotations?.['vnd.docker.reference.type'] === 'attestation-manifest'
    return {
      manifest,
      held: images.get(manifest.digest),
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
  images: ReadonlyMap<string, HeldImage>,
): readonly Platform[] {
  const seen = new Set<string>()
  return children.map((descriptor) => {
    const { digest } = descriptor
    const text = platformText(descriptor.platform)
    const id = text === '' || seen.has(text) ? digest : text
    seen.add(id)
    return { id, text: text || shortDigest(digest), descriptor, held: images.get(digest) }
  })
}

/** The platform that was asked for; else what most people run, if it is here; else what is here. */
export const chosenPlatform = ({ platforms }: Image, wanted: string | undefined): Platform | undefined => {
  const held = platforms.filter(({ held }) => held && held.missing === 0)
  return (
    platforms.find(({ id }) => id === wanted) ??
    held.find(({ text }) => text === 'linux/amd64') ??
    held[0] ??
    platforms[0]
  )
}

const uniqueByDigest = (descriptors: readonly Descriptor[]): Descriptor[] => [
  ...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values(),
]

export interface Contents {
  readonly manifest: ImageManifest
  readonly config: ImageConfig | undefined
  /** Why there is no config where there should be one: the layers are known all the same. */
  readonly configFailure: unknown
}

/** The manifest that layers hang on, with its config: the image itself, or one platform of an index. */
export const useContents = (name: string, digest: string): Loaded<Contents> =>
  useLoaded(`${name} ${digest}`, async (signal) => {
    const manifest = await pullManifest(name, digest, { signal })
    try {
      const config = await pullConfig(name, manifest.config, { signal })
      return { manifest, config, configFailure: undefined }
    } catch (configFailure) {
      return { manifest, config: undefined, configFailure }
    }
  })
