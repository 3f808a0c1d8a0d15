/**
 * Descriptors: how manifests point at content.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md
 */
import { hasDigestGrammar, isAlgorithm, isRegistered } from './digest.ts'
import { RegistryError } from './error.ts'
import { isObject, stringMapIn, stringsIn, withoutNulls } from './go-json.ts'

export { isObject } from './go-json.ts'

export interface Platform {
  readonly architecture?: string
  readonly os?: string
}

export interface Descriptor {
  readonly mediaType: string
  /** Of the descriptor grammar; its algorithm may be one that nothing is stored by. */
  readonly digest: string
  readonly size: number
  readonly urls?: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Platform
  readonly artifactType?: string
}

/**
 * Reads a descriptor as Go does: what is null is absent, and null among texts is an empty one. Some indexes name things
 * without a type.
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

/** Digests of our algorithms must be exact; unregistered ones only have to fit the grammar. */
function isDescriptorDigest(digest: string): boolean {
  const algorithm = digest.slice(0, digest.indexOf(':'))
  return (
    hasDigestGrammar(digest) && (isRegistered(digest) || !(isAlgorithm(algorithm) || algorithm === 'sha384'))
  )
}
