/** Makes broken messages out of good ones, the same ones from the same seed. */
import type { Random } from '../../faults/random.ts'

/** Bytes at which parsers of lengths, signs and text change their minds. */
const EDGES = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x7f, 0x80, 0xff]

/** A varint that ends no sooner than parsers should have given up. */
const ENDLESS = new Uint8Array(12).fill(0xff)

type Mutation = (bytes: Uint8Array, random: Random, seeds: readonly Uint8Array[]) => Uint8Array

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => with_(bytes, placeIn(bytes, random), (byte) => byte ^ (1 << random.integer(0, 7))),
  (bytes, random) => with_(bytes, placeIn(bytes, random), () => random.pick(EDGES)),
  (bytes, random) => bytes.slice(0, placeIn(bytes, random)),
  (bytes, random) => insert(bytes, placeIn(bytes, random), noise(random, random.integer(1, 64))),
  (bytes, random) => insert(bytes, placeIn(bytes, random), ENDLESS),
  (bytes, random) => {
    const [start, end] = spanIn(bytes, random)
    return join(bytes.slice(0, start), bytes.slice(end))
  },
  (bytes, random) => {
    const [start, end] = spanIn(bytes, random)
    const repeated = Array.from({ length: random.integer(1, 50) }, () => bytes.slice(start, end))
    return insert(bytes, end, join(...repeated))
  },
  (bytes, random, seeds) => {
    const other = random.pick(seeds)
    return join(bytes.slice(0, placeIn(bytes, random)), other.slice(placeIn(other, random)))
  },
  (_, random) => noise(random, random.integer(0, 4096)),
]

/** One of the seeds, as it is or with up to four changes. */
export function mutate(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = random.pick(seeds)
  for (let changes = random.integer(0, 4); changes > 0; changes--) {
    bytes = random.pick(MUTATIONS)(bytes, random, seeds).slice(0, MOST)
  }
  return bytes
}

/** Bytes of a message: repetitions of repetitions would be no more than a flood. */
const MOST = 256 * 1024

export const noise = (random: Random, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => random.integer(0, 255))

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

const placeIn = (bytes: Uint8Array, random: Random): number =>
  random.integer(0, Math.max(0, bytes.length - 1))

const insert = (bytes: Uint8Array, place: number, inserted: Uint8Array): Uint8Array =>
  join(bytes.slice(0, place), inserted, bytes.slice(place))

function spanIn(bytes: Uint8Array, random: Random): [start: number, end: number] {
  const start = placeIn(bytes, random)
  return [start, random.integer(start, bytes.length)]
}

function with_(bytes: Uint8Array, place: number, change: (byte: number) => number): Uint8Array {
  const changed = bytes.slice()
  if (changed.length > 0) changed[place] = change(changed[place]!)
  return changed
}
