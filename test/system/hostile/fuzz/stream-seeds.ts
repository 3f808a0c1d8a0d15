/** Good messages of each protocol that a registry speaks on streams of libp2p, for others to be made of. */
import { encodeFrame } from '../../../../src/core/swarm/protocol/frame.ts'
import { createRandom } from '../../faults/random.ts'
import { noise } from './mutate.ts'

const random = createRandom(1)
const HASH = noise(random, 32)
const DIGEST = `sha256:${Buffer.from(HASH).toString('hex')}`

/** Protocol Buffers: a field of bytes or a number, by its number. */
function field(number: number, value: Uint8Array | string | number): Uint8Array {
  if (typeof value === 'number') return Uint8Array.from([...varint(number * 8), ...varint(value)])
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length), ...bytes])
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
}

const message = (...fields: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(fields))

/** With its length before it. */
const framed = (bytes: Uint8Array): Uint8Array => Uint8Array.from([...varint(bytes.length), ...bytes])

const MULTIHASH = Uint8Array.of(0x12, 0x20, ...HASH)
const CID = Uint8Array.of(1, 0x55, ...MULTIHASH)
const PEER = Uint8Array.of(0, 0x24, 8, 1, 0x12, 0x20, ...HASH)
const ADDRESS = Uint8Array.of(4, 127, 0, 0, 1, 6, 0x1f, 0x40)
const PEER_INFO = message(field(1, PEER), field(2, ADDRESS), field(3, 1))

const DHT = [
  message(field(1, 0), field(2, MULTIHASH), field(3, message(field(1, MULTIHASH), field(2, HASH)))),
  message(field(1, 1), field(2, MULTIHASH)),
  message(field(1, 2), field(2, MULTIHASH), field(9, PEER_INFO)),
  message(field(1, 3), field(2, MULTIHASH), field(10, 1)),
  message(field(1, 4), field(2, PEER), field(8, PEER_INFO)),
  message(field(1, 5)),
].map(framed)

const wanted = (type: number): Uint8Array =>
  field(1, message(field(1, CID), field(2, 1), field(4, type), field(5, 1)))

const BITSWAP = [
  message(field(1, message(wanted(0), wanted(1), field(2, 1)))),
  message(field(1, message(field(1, message(field(1, CID), field(3, 1)))))),
  message(field(3, message(field(1, Uint8Array.of(1, 0x55, 0x12, 0x20)), field(2, HASH)))),
  message(field(4, message(field(1, CID), field(2, 0))), field(5, 1024)),
].map(framed)

const IDENTIFY = message(
  field(1, message(field(1, 1), field(2, HASH))),
  field(2, ADDRESS),
  field(3, '/flotilla/blob/1.0.0'),
  field(4, ADDRESS),
  field(5, 'ipfs/0.1.0'),
  field(6, 'fuzz'),
)

const QUESTIONS = [
  { ask: 'have', digests: [DIGEST, DIGEST] },
  { ask: 'leaves', digest: DIGEST },
  { ask: 'range', digest: DIGEST, start: 0, end: 1_048_575 },
  { ask: 'turn', digest: DIGEST },
  { ask: 'referrers', digest: DIGEST },
  { ask: 'tag', repository: 'fuzz', tag: 'latest', nonce: 'AAAAAAAAAAAAAAAAAAAAAA' },
].map(encodeFrame)

const RELAY = [
  message(field(1, 0)),
  message(field(1, 1), field(2, message(field(1, PEER), field(2, ADDRESS)))),
].map(framed)

/** By the beginning of the protocol's name. */
const SEEDS: Readonly<Record<string, readonly Uint8Array[]>> = {
  '/flotilla/blob/': QUESTIONS,
  '/flotilla/kad/': DHT,
  '/ipfs/bitswap/': BITSWAP,
  '/ipfs/id/push/': [framed(IDENTIFY)],
  '/ipfs/id/': [framed(IDENTIFY)],
  '/ipfs/ping/': [HASH, new Uint8Array(31)],
  '/libp2p/circuit/relay/': RELAY,
}

/** @throws Error for a protocol that has none: whoever adds a protocol adds what it is attacked with */
export function seedsOf(protocol: string): readonly Uint8Array[] {
  const found = Object.entries(SEEDS).find(([start]) => protocol.startsWith(start))
  if (!found) throw new Error(`no messages to attack ${protocol} with`)
  return found[1]
}
