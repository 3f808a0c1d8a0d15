/**
 * The incremental hash of the browser, in WebAssembly, because WebCrypto can't hash incrementally. For small values use
 * the core's `digestOf`, which is WebCrypto and several times as fast.
 */
import { createSHA256, createSHA512, type IHasher } from 'hash-wasm'
import { type Algorithm, algorithmOf, type Digest } from '../core/oci/digest.ts'
import { RegistryError } from '../core/oci/error.ts'

const HASHERS = { sha256: createSHA256, sha512: createSHA512 } as const

/** @param state - from another hasher's `save()`, to continue from there */
export async function createHash(algorithm: Algorithm, state?: Uint8Array): Promise<IHasher> {
  const hasher = await HASHERS[algorithm]()
  return state ? hasher.load(state) : hasher.init()
}

/** @param hasher - over all bytes of the upload; it can't be used afterwards @throws RegistryError DIGEST_INVALID */
export function requireDigest(hasher: IHasher, digest: Digest): void {
  const actual = `${algorithmOf(digest)}:${hasher.digest()}`
  if (actual === digest) return
  throw new RegistryError('DIGEST_INVALID', undefined, { detail: { digest, reason: `content is ${actual}` } })
}
