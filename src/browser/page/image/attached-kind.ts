/** Tells manifests of signatures, SBOMs and attestations from those of images. */
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { type ImageManifest, isImageConfig } from '../requests/distribution.ts'

const ATTACHED =
  /in-toto|dsse|simplesigning|sigstore|cosign|spdx|cyclonedx|syft|openvex|\bvex\b|csaf|notary|jose\+json|sarif|sbom/i

/** Whether it is an image that a container can run. */
export const isImage = (manifest: ImageManifest): boolean =>
  isImageConfig(manifest.config?.mediaType ?? '') && attachedBlobs(manifest).length === 0

/** The blobs of a signature, SBOM or attestation; empty for an image. */
export const attachedBlobs = ({ artifactType, blobs }: ImageManifest): readonly Descriptor[] => {
  const own = blobs.filter(({ mediaType }) => ATTACHED.test(mediaType))
  if (own.length > 0) return own
  return artifactType && ATTACHED.test(artifactType) ? blobs : []
}
