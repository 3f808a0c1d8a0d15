/** How counts, digests and media types are written on the page. */

export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** The first twelve digits, as docker shows them. */
export const shortDigest = (digest: string): string =>
  digest.slice(digest.indexOf(':') + 1, digest.indexOf(':') + 13)

const SHORT_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^application\/vnd\.docker\.image\.rootfs\.(?:foreign\.)?diff\.(tar(?:\.\w+)?)$/, 'Docker $1'],
  [/^application\/vnd\.oci\.image\.layer\.(?:nondistributable\.)?v1\.(.+)$/, 'OCI $1'],
  [/^application\/vnd\.docker\.distribution\.manifest\.list\.v2\+json$/, 'Docker manifest list'],
  [/^application\/vnd\.docker\.distribution\.manifest\.v2\+json$/, 'Docker image'],
  [/^application\/vnd\.oci\.image\.index\.v1\+json$/, 'OCI index'],
  [/^application\/vnd\.oci\.image\.manifest\.v1\+json$/, 'OCI image'],
]

/** The field's name for a media type, where it has one; else the media type itself. */
export function typeText(mediaType: string): string {
  const [pattern, text] = SHORT_TYPES.find(([pattern]) => pattern.test(mediaType)) ?? []
  return pattern ? mediaType.replace(pattern, text!) : mediaType
}

const ARTIFACTS: readonly (readonly [RegExp, string])[] = [
  [/cosign|sigstore|notary|signature/i, 'Signature'],
  [/spdx|cyclonedx|sbom/i, 'SBOM'],
  [/provenance|slsa/i, 'Provenance'],
  [/\bvex\b|openvex|csaf/i, 'VEX'],
  [/in-toto|attestation|dsse/i, 'Attestation'],
  [/sarif|vuln/i, 'Vulnerability report'],
  [/helm/i, 'Helm chart'],
]

/** What an artifact is in one word, as far as its type tells. */
export const artifactText = (artifactType: string): string =>
  ARTIFACTS.find(([pattern]) => pattern.test(artifactType))?.[1] ?? 'Artifact'
