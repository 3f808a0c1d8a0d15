/**
 * Signatures, SBOMs and attestations belong to an image and are shown with it: by their subject, or by a tag that says the
 * digest, as cosign used to write it.
 */
import { artifactText } from '../parts/texts.ts'
import type { HeldImage } from '../requests/owner.ts'

export interface Attachment {
  /** `Signature`, `SBOM` … */
  readonly text: string
  /** By which it is found in the repository: a tag or a digest. */
  readonly reference: string
}

/** @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md */
const BY_TAG = /^(?<algorithm>sha256|sha512)-(?<hex>[0-9a-f]{64,128})(?:\.(?<kind>sig|att|sbom))?$/

const KINDS: Readonly<Record<string, string>> = { sig: 'Signature', att: 'Attestation', sbom: 'SBOM' }

/** By the digest of the image, also of the index that names the image. */
export function attachmentsOf(images: readonly HeldImage[]): ReadonlyMap<string, readonly Attachment[]> {
  const byDigest = new Map(images.map((image) => [image.digest, image]))
  const found = new Map<string, Attachment[]>()
  const attach = (subject: string, attachment: Attachment) => {
    const image = byDigest.get(subject)
    if (!image) return
    for (const digest of [subject, ...(image.partOf ?? [])])
      found.set(digest, [...(found.get(digest) ?? []), attachment])
  }
  for (const { digest, subject, artifactType, tags } of images) {
    if (subject) attach(subject, { text: artifactText(artifactType ?? ''), reference: digest })
    else
      for (const tag of tags) {
        const { algorithm, hex, kind } = BY_TAG.exec(tag)?.groups ?? {}
        if (hex) attach(`${algorithm}:${hex}`, { text: KINDS[kind ?? ''] ?? 'Referrers', reference: tag })
      }
  }
  return found
}

/** Whether it is shown with the image that it belongs to, and so not by itself. */
export function isAttachment(
  { subject }: HeldImage,
  tag: string | undefined,
  attached: ReadonlyMap<string, readonly Attachment[]>,
): boolean {
  if (tag === undefined) return subject !== undefined && attached.has(subject)
  const { algorithm, hex } = BY_TAG.exec(tag)?.groups ?? {}
  return hex !== undefined && attached.has(`${algorithm}:${hex}`)
}
