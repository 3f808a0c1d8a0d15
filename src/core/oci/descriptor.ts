/**
 * Descriptors: how manifests point at content.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md
 */
import { hasDigestGrammar, isAlgorithm, isRegistered } from './digest.ts'
import { RegistryError } from './error.ts'
import { isObject, stringMapIn, stringsIn, withoutNulls } from './json.ts'

export { isObject } from './json.ts'

export interface Platform {
  readonly architecture?: string
  readonly os?: string
}

export interface Descriptor {
  readonly mediaType: string
  /** Matches the descriptor grammar; the algorithm may be one that we don't store by. */
  readonly digest: string
  readonly size: number
  readonly urls?: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Platform
  readonly artifactType?: string
}

/**
 * Reads a descriptor as Go does: null counts as absent, and a null in a list of strings as an empty string. Some indexes
 * have descriptors without a media type.
 *
 * @throws RegistryError MANIFEST_INVALID naming the `field` that holds `value`
 */
export function requireDescriptor(value: unknown, field: string): Descriptor {
  const fail = (what: string): never => {
    throw new RegistryError('MANIFEST_INVALID', `${field}: ${what}`)
  }
  if (!isObject(value)) return fail('not a descriptor')
  const present = withoutNulls(value)
  const { mediaType = '', digest, size, urls, annotations, platform, artifactType } = present
  if (typeof mediaType !== 'string') fail('mediaType is not a string')
  if (typeof digest !== 'string' || !isDescriptorDigest(digest)) fail('digest is missing or malformed')
  if (!Number.isSafeInteger(size) || (size as number) < 0) fail('size is missing or not a length in bytes')
  if (platform !== undefined && !isObject(platform)) fail('platform is not an object')
  if (artifactType !== undefined && typeof artifactType !== 'string') fail('artifactType is not a string')
  const read: Record<string, unknown> = { ...present, mediaType }
  if (urls !== undefined) read['urls'] = stringsIn(urls) ?? fail('urls is not a list of strings')
  if (annotations !== undefined)
    read['annotations'] = stringMapIn(annotations) ?? fail('annotations is not a map of strings')
  return read as unknown as Descriptor
}

/** Digests of algorithms that we store by must be exact; unregistered algorithms only have to match the grammar. */
function isDescriptorDigest(digest: string): boolean {
  const algorithm = digest.slice(0, digest.indexOf(':'))
  return (
    hasDigestGrammar(digest) && (isRegistered(digest) || !(isAlgorithm(algorithm) || algorithm === 'sha384'))
  )
}

/**
 * The annotation by which a listing of referrers names the peer on whose word an entry stands in it. What was pushed has
 * none. Not of the standard, which lets a registry say nothing else of an entry; clients pass over what they do not know.
 */
/**
 * The annotation that names the peer from which an entry in a list of referrers comes. Entries that were pushed don't have
 * it. It isn't part of the specification; clients ignore annotations that they don't know.
 */
export const PEER_ANNOTATION = 'vnd.flotilla.peer'
