/** Signatures of peers: verified with WebCrypto, because the service worker has no libp2p. */
import { base58btc } from 'multiformats/bases/base58'
import { peerFailed } from '../../core/oci/error.ts'
import type { Network } from '../../core/swarm/ports.ts'

/**
 * The bytes before an Ed25519 key in a peer's id: an identity multihash of 36 bytes, which contains the key's type and
 * length as protobuf. Registries use no other types of keys.
 *
 * @see https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md
 */
const PREFIX = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20]

const KEY_SIZE = 32

export const verify: Network['verify'] = async (peer, bytes, signature) => {
  try {
    const key = await crypto.subtle.importKey('raw', keyIn(peer), 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', key, copyOf(signature), copyOf(bytes))
  } catch {
    return false
  }
}

/** @throws Error if the id contains no Ed25519 key */
function keyIn(peer: string): Uint8Array<ArrayBuffer> {
  const id = copyOf(base58btc.baseDecode(peer))
  const isEd25519 = PREFIX.every((byte, index) => id[index] === byte)
  if (!isEd25519 || id.byteLength !== PREFIX.length + KEY_SIZE)
    throw new Error(`the peer id ${peer} contains no Ed25519 key`)
  return id.subarray(PREFIX.length)
}

/** WebCrypto rejects memory that may be shared. */
const copyOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

/** A browser has no lasting key, so it signs nothing. */
export const sign: Network['sign'] = () => Promise.reject(peerFailed('a web page has no key to sign with'))
