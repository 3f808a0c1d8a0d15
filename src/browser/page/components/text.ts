/** How counts, sizes, digests and media types are written on the page. */

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

/** The usual name of a media type; the media type itself if it has none. */
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

/** What kind of artifact it is, by its type. */
export const artifactText = (artifactType: string): string =>
  ARTIFACTS.find(([pattern]) => pattern.test(artifactType))?.[1] ?? 'Artifact'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

export function sizeText(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1)
  const value = bytes / 1024 ** power
  const digits = power === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${UNITS[power]}`
}
