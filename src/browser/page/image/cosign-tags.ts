/**
 * Signatures and SBOMs that cosign attached before there were referrers: each under a tag made of the image's digest.
 *
 * @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
import { askTags } from '../requests/distribution.ts'

export interface CosignTag {
  readonly tag: string
  readonly what: string
}

const KINDS: Readonly<Record<string, string>> = { sig: 'Signature', att: 'Attestation', sbom: 'SBOM' }

/** Tags are listed in their order, so that one question finds all of them. */
export async function findCosignTags(
  repository: string,
  digest: string,
  signal: AbortSignal,
): Promise<readonly CosignTag[]> {
  const beginning = digest.replace(':', '-')
  const tags = await askTags(repository, beginning, 8, { signal })
  return tags.flatMap((tag) => {
    const what = tag.startsWith(`${beginning}.`) ? KINDS[tag.slice(beginning.length + 1)] : undefined
    return what ? [{ tag, what }] : []
  })
}
