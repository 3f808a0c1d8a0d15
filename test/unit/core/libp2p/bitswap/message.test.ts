/** Messages of Bitswap, also those that are none. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeMessage,
  encodeBlockHead,
  encodePresence,
  encodeWant,
} from '../../../../../src/core/libp2p/bitswap/message.ts'

const cid = Uint8Array.from([1, 0x55, 0x12, 1, 9])

const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

describe('a message', () => {
  it('says what is wanted', () => {
    expect(decodeMessage(encodeWant(cid)).wants).toEqual([
      { cid, isCancelled: false, isPresenceOnly: false, sendAbsence: true },
    ])
    expect(decodeMessage(encodeWant(cid, true)).wants).toMatchObject([{ isCancelled: true }])
  })

  it('brings blocks, and says what is not there', () => {
    const block = Uint8Array.from([1, 2, 3])
    const bytes = joined(
      encodePresence(cid, true),
      encodeBlockHead(cid.subarray(0, 4), block.length),
      block,
      encodePresence(cid, false),
    )
    expect(decodeMessage(bytes)).toEqual({ wants: [], blocks: [block], absent: [cid] })
  })

  it('may say more than is known here', () => {
    const unknown = Uint8Array.from([0x28, 0x80, 0x01, 0x7d, 0, 0, 0, 0, 0x79, 0, 0, 0, 0, 0, 0, 0, 0])
    expect(decodeMessage(joined(unknown, encodeWant(cid))).wants).toHaveLength(1)
  })
})

describe('what is no message', () => {
  it.each([
    ['ends in a number', [0x08, 0x80]],
    ['has a number without end', [0x08, ...Array(20).fill(0xff)]],
    ['is shorter than it says', [0x0a, 5, 1]],
    ['is longer than can be counted', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['has fields of an unknown type', [0x0b]],
    ['has very many fields', Array(20_000).fill([0x28, 0]).flat()],
    ['wants very much', Array(4000).fill([0x0a, 6, 0x0a, 0, 0x0a, 0, 0x0a, 0]).flat()],
  ])('%s', (_, bytes) => {
    expect(() => decodeMessage(Uint8Array.from(bytes))).toThrow(RangeError)
  })

  it('fails in no other way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeMessage(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
      { seed: 9, numRuns: 5000 },
    )
  })
})
