/**
 * Content digests, `algorithm:encoded`, by which all content is stored, linked and verified.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests
 */
import { RegistryError } from './error.ts'

/** A checked digest of a registered algorithm: lower-case hex of the exact length. */
export type Digest = string & { readonly __brand: 'Digest' }

/** The algorithms that content may be stored and addressed by. */
export type Algorithm = 'sha256' | 'sha512'

export const CANONICAL: Algorithm = 'sha256'

/** Hex length of each registered algorithm; sha384 is recognised, but we don't store by it. */
const HEX_LENGTH: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }

const GRAMMAR = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/

/** `undefined` if `text` is malformed, or its algorithm is not one that we store by. */
export function parseDigest(text: string): Digest | undefined {
  return isRegistered(text) && isAlgorithm(algorithmOf(text as Digest)) ? (text as Digest) : undefined
}

/** Like {@link parseDigest}. @throws RegistryError DIGEST_INVALID, with the reason. */
export function requireDigest(text: string): Digest {
  const digest = parseDigest(text)
  if (digest) return digest
  throw new RegistryError('DIGEST_INVALID', reasonAgainst(text), { detail: text.slice(0, 256) })
}

/** True for any digest of a registered algorithm, including sha384, which a descriptor may contain. */
export function isRegistered(text: string): boolean {
  const colon = text.indexOf(':')
  const length = HEX_LENGTH[text.slice(0, colon)]
  return (
    length !== undefined && text.length === colon + 1 + length && /^[0-9a-f]+$/.test(text.slice(colon + 1))
  )
}

/** True if it matches the descriptor grammar. Unregistered algorithms must not be refused. */
export const hasDigestGrammar = (text: string): boolean => text.length <= 512 && GRAMMAR.test(text)

export const isAlgorithm = (text: string): text is Algorithm => text === 'sha256' || text === 'sha512'

export const algorithmOf = (digest: Digest): Algorithm => digest.slice(0, digest.indexOf(':')) as Algorithm

export const encodedOf = (digest: Digest): string => digest.slice(digest.indexOf(':') + 1)

/** Hashes bytes in memory, such as a manifest. Blobs are hashed while they are written. */
export type DigestOf = (bytes: Uint8Array<ArrayBuffer>, algorithm?: Algorithm) => Promise<Digest>

/** By WebCrypto, on every platform. */
export const digestOf: DigestOf = async (bytes, algorithm = CANONICAL) => {
  const hash = await crypto.subtle.digest(algorithm.replace('sha', 'SHA-'), bytes)
  return `${algorithm}:${toHex(new Uint8Array(hash))}` as Digest
}

function toHex(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return hex
}

function reasonAgainst(text: string): string {
  if (text === '') return 'digest missing'
  if (!hasDigestGrammar(text)) return 'digest parsing failed'
  const algorithm = text.slice(0, text.indexOf(':'))
  if (!Object.hasOwn(HEX_LENGTH, algorithm)) return `digest algorithm ${algorithm} is not known`
  return isAlgorithm(algorithm)
    ? 'digest has the wrong length or characters'
    : `nothing is stored by ${algorithm}`
}
