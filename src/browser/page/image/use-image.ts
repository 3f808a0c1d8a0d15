/** Everything about one reference that the page shows, read at once. */
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { isIndexType } from '../../../core/oci/media-type.ts'
import { type ImageManifest, pullConfig, pullManifest } from '../requests/distribution.ts'
import { findImages, type HeldImage } from '../requests/owner.ts'
import { type Loaded, useLoaded } from '../use-loaded.ts'
import { type ImageConfig, platformText } from './image-config.ts'

export interface Platform {
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
}

export const useImage = (name: string, reference: string): Loaded<Image> =>
  useLoaded(`${name} ${reference}`, async (signal) => {
    const manifest = await pullManifest(name, reference, { signal })
    const children = isIndexType(manifest.mediaType) ? (manifest.document.manifests ?? []) : []
    const digests = [manifest, ...children].map(({ digest }) => digest)
    const images = await findImages(name, digests, { signal })
    const isAttestation = ({ platform, annotations }: Descriptor) =>
      platform?.os === 'unknown' || annotations?.['vnd.docker.reference.type'] === 'attestation-manifest'
    return {
      manifest,
      held: images.get(manifest.digest),
      platforms: children
        .filter((child) => !isAttestation(child))
        .map((descriptor) => ({
          text: platformText(descriptor.platform) || descriptor.digest,
          descriptor,
          held: images.get(descriptor.digest),
        })),
      attestations: children.filter(isAttestation),
    }
  })

export interface Contents {
  readonly manifest: ImageManifest
  readonly config: ImageConfig | undefined
}

/** The manifest that layers hang on, with its config: the image itself, or one platform of an index. */
export const useContents = (name: string, digest: string): Loaded<Contents> =>
  useLoaded(`${name} ${digest}`, async (signal) => {
    const manifest = await pullManifest(name, digest, { signal })
    const config = await pullConfig(name, manifest.document.config, { signal })
    return { manifest, config }
  })
