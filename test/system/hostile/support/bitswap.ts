/** Messages of Bitswap by hand. @see https://specs.ipfs.tech/bitswap-protocol/#bitswap-1-2-0-wire-format */
import { varint } from 'multiformats'
import type { CID } from 'multiformats/cid'

export const BITSWAP = '/ipfs/bitswap/1.2.0'

/** A list of what is wanted, its length in front. @param kind - 0 for blocks, 1 for whether they are there */
export function wantlist(cids: readonly CID[], kind: 0 | 1): Uint8Array {
  const entries = cids.map(({ bytes }) => {
    const entry = Buffer.concat([field(1, bytes), Uint8Array.of(0x10, 1, 0x20, kind, 0x28, 1)])
    return field(1, entry)
  })
  const message = field(1, Buffer.concat(entries))
  return Buffer.concat([number(message.length), message])
}

const field = (of: number, bytes: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of(8 * of + 2), number(bytes.length), bytes])

const number = (value: number): Uint8Array =>
  varint.encodeTo(value, new Uint8Array(varint.encodingLength(value)))
