/**
 * The hash over bytes that arrive little by little. WebCrypto hashes only what is in memory as a whole, so this one is
 * WebAssembly; what is small goes through `digestOf` of the core, which is WebCrypto and several times as fast.
 */
import { createSHA256, createSHA512, type IHasher } from 'hash-wasm'
import type { Algorithm } from '../core/oci/digest.ts'

const HASHERS = { sha256: createSHA256, sha512: createSHA512 } as const

/** @param state - what `save()` of another one gave, to go on from there */
export async function createHash(algorithm: Algorithm, state?: Uint8Array): Promise<IHasher> {
  const hasher = await HASHERS[algorithm]()
  return state ? hasher.load(state) : hasher.init()
}
