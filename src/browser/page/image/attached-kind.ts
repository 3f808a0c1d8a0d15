/** Which manifests hold words about an image rather than an image. */
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { type ImageManifest, isImageConfig } from '../requests/distribution.ts'

const ATTACHED =
  /in-toto|dsse|simplesigning|sigstore|cosign|spdx|cyclonedx|syft|openvex|\bvex\b|csaf|notary|jose\+json|sarif|sbom/i

/** Whose config says how a container starts, and whose layers are its files. */
export const isImage = (manifest: ImageManifest): boolean =>
  isImageConfig(manifest.config?.mediaType ?? '') && attachedBlobs(manifest).length === 0

/** What is shown as words; the rest of such a manifest is an empty config. */
export const attachedBlobs = ({ artifactType, blobs }: ImageManifest): readonly Descriptor[] => {
  const own = blobs.filter(({ mediaType }) => ATTACHED.test(mediaType))
  if (own.length > 0) return own
  return artifactType && ATTACHED.test(artifactType) ? blobs : []
}
