/**
 * The ways in which a peer can be false or useless. Each bends what an honest peer would say; what a lie does not bend
 * is true.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { rootOf } from '../../../src/core/dag/dag.ts'
import { MIB, once } from '../../support/bytes.ts'
import { leavesOf } from './content.ts'

type Chunks = AsyncGenerator<Uint8Array>

/** What it says of a blob. */
export interface Claimed {
  readonly size: number
  readonly root?: string
  readonly mediaType?: string
  readonly leaves: Uint8Array
}

export interface Behaviour {
  /** What it claims in place of the truth. */
  claim?(truth: Uint8Array): Promise<Claimed>
  /** What it sends in place of the truth. */
  content?(truth: Uint8Array): Uint8Array
  /** What follows the answer to `leaves`. */
  list?(leaves: Uint8Array): Chunks
  /** Bends the bytes of a range. */
  send?(bytes: Chunks): Chunks
  /** The value of every response, whatever the request. */
  readonly value?: unknown
  /** Sent on every stream in place of an answer. */
  raw?(): Chunks
}

/** Leaves that are true before the lie begins. */
const TRUE_LEAVES = 2

const FOREVER = 2 ** 31 - 1

const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = bytes.slice()
  copy[at]! ^= 0xff
  return copy
}

async function claimOf(content: Uint8Array): Promise<Claimed & { readonly root: string }> {
  const leaves = leavesOf(content)
  return { size: content.length, root: String(await rootOf(leaves, content.length)), leaves }
}

/** Claims, and sends, other content from beginning to end, so that only the digest of the whole shows it. */
const instead = (content: (truth: Uint8Array) => Uint8Array): Behaviour => ({
  claim: (truth) => claimOf(content(truth)),
  content,
})

/** Lets the first leaves of all that is sent pass, and gives the rest to `bend`. */
function after(bend: (rest: Chunks) => Chunks): NonNullable<Behaviour['send']> {
  let left = TRUE_LEAVES * MIB
  return async function* (bytes) {
    while (left > 0) {
      const { value, done } = await bytes.next()
      if (done) return
      left -= value.length
      yield value
    }
    yield* bend(bytes)
  }
}

async function* endless(): Chunks {
  for (;;) yield new Uint8Array(65_536)
}

async function* nothing(): Chunks {}

async function* silence(): Chunks {
  yield await sleep(FOREVER, new Uint8Array())
}

export const LIES = {
  'wrong bytes in a leaf': () => ({
    send: after(async function* (rest) {
      for await (const chunk of rest) yield flipped(chunk, chunk.length >> 1)
    }),
  }),
  'wrong bytes in the last place': () => ({ content: (truth) => flipped(truth, truth.length - 1) }),
  'other content of the right size': () => instead((truth) => truth.map((byte) => byte ^ 0xff)),
  'other content in the last leaf': () => instead((truth) => flipped(truth, truth.length - 2)),
  'other content in the last byte': () => instead((truth) => flipped(truth, truth.length - 1)),
  'more content than there is': () => instead((truth) => Buffer.concat([truth, truth.subarray(0, MIB)])),
  'less content than there is': () => instead((truth) => truth.subarray(0, truth.length - 1)),
  'leaves of another root': () => ({
    claim: async (truth) => ({ ...(await claimOf(truth)), root: (await claimOf(flipped(truth, 0))).root }),
  }),
  'a root that is none': () => ({ claim: async (truth) => ({ ...(await claimOf(truth)), root: 'bafy' }) }),
  'a size beyond all measure': () => ({
    claim: async (truth) => ({ ...(await claimOf(truth)), size: Number.MAX_SAFE_INTEGER }),
  }),
  'a list that is too short': () => ({ list: (leaves) => once(leaves.subarray(32)) }),
  'a list that is too long': () => ({ list: (leaves) => once(Buffer.concat([leaves, leaves])) }),
  'a list without end': endlessList,
  'a list that never comes': () => ({ list: silence }),
  'too many bytes': () => ({
    async *send(bytes) {
      yield* bytes
      yield new Uint8Array(1)
    },
  }),
  'bytes without end': () => ({
    async *send(bytes) {
      yield* bytes
      yield* endless()
    },
  }),
  'too few bytes': () => ({ send: after(nothing) }),
  'a stall': () => ({ send: after(silence) }),
  death: () => ({
    send: after(() => process.exit()),
  }),
  'a slow drip': () => ({
    send: after(async function* (rest) {
      for await (const chunk of rest) {
        for (const byte of chunk) {
          await sleep(50)
          yield Uint8Array.of(byte)
        }
      }
    }),
  }),
  'answers of another kind': () => ({ value: { offers: 'all of them', size: -1, leaves: {} } }),
  'no answers': () => ({ raw: silence }),
  'noise for an answer': () => ({ raw: () => once(Buffer.alloc(100_000, 'noise')) }),
  'an answer without end': () => ({ raw: endless }),
  'an answer of a size beyond all measure': () => ({
    raw: () => once(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)),
  }),
} satisfies Record<string, () => Behaviour>

/** Those that are to cost time, and nothing else: beside an honest peer they are as if they were not there. */
export const HOSTAGES = {
  'a false list': otherContent,
  'a false list of its own': () => {
    const at = Math.random()
    return instead((truth) => flipped(truth, Math.floor(at * truth.length)))
  },
  'a false list, a byte a second': () => ({ ...otherContent(), send: drip }),
  'a false list, and no bytes': () => ({ ...otherContent(), send: silence }),
  'an offer, and no list': () => ({ ...otherContent(), list: silence, send: silence }),
  'the true list, late': () => ({ list: late, send: silence }),
  'the true list, and no bytes': () => ({ send: silence }),
  'the true list, a byte a second': () => ({ send: drip }),
  'true leaves, then a byte a second': () => ({ send: after(drip) }),
} satisfies Record<string, () => Behaviour>

export type Lie = keyof typeof LIES | keyof typeof HOSTAGES

export const behaviourOf = (lie: Lie | undefined): Behaviour =>
  lie === undefined ? {} : { ...LIES, ...HOSTAGES }[lie]()

async function* drip(bytes: Chunks): Chunks {
  for await (const chunk of bytes) {
    for (const byte of chunk) {
      await sleep(1000)
      yield Uint8Array.of(byte)
    }
  }
}

function otherContent(): Behaviour {
  return instead((truth) => flipped(truth, 0))
}

async function* late(leaves: Uint8Array): Chunks {
  yield await sleep(8000, leaves)
}

function endlessList(): Behaviour {
  return {
    async *list(leaves) {
      yield leaves
      yield* endless()
    },
  }
}
