/** The blobs of a scripted peer: what it claims of each, and what it sends, as fast as it may. */

import { setTimeout as sleep } from 'node:timers/promises'
import { rootOf } from '../../../src/core/dag/dag.ts'
import type { Digest } from '../../../src/core/oci/digest.ts'
import type { ByteRange } from '../../../src/core/oci/range.ts'
import type { PeerId } from '../../../src/core/swarm/ports.ts'
import { MIB } from '../../support/bytes.ts'
import { digestOf } from '../../support/digest.ts'
import { leavesOf, make, type Recipe } from './content.ts'
import type { Behaviour, Claimed } from './lies.ts'
import type { Script } from './script.ts'

export interface ScriptedBlob {
  readonly claimed: Claimed
  send(range: ByteRange, fetcher: 'stream' | 'http', to: PeerId): AsyncGenerator<Uint8Array>
}

/** By their true digests. */
export type ScriptedBlobs = ReadonlyMap<string, ScriptedBlob>

const CHUNK = 65_536

/** @param behave - makes the behaviour towards one peer, which begins anew with each */
export async function holdBlobs(
  { blobs, claims = [], rate }: Script,
  behave: () => Behaviour,
  tell: (what: object) => void,
): Promise<ScriptedBlobs> {
  const throttle = createThrottle(rate)
  const held = new Map<string, ScriptedBlob>()
  const behaviours = new Map<PeerId, Behaviour>()
  const behaviourTo = (peer: PeerId): Behaviour => {
    if (!behaviours.has(peer)) behaviours.set(peer, behave())
    return behaviours.get(peer)!
  }
  const behaviour = behave()
  for (const guess of claims) {
    const claimed = { ...guess, ...(await zerosOf(guess.size)) }
    held.set(guess.digest, {
      claimed,
      async *send({ start, end }) {
        let sent = 0
        try {
          for (let at = start; at <= end; at += CHUNK) {
            const chunk = new Uint8Array(Math.min(CHUNK, end + 1 - at))
            await throttle(chunk.length)
            sent += chunk.length
            yield chunk
          }
        } finally {
          tell({ sent, fetcher: 'stream' })
        }
      },
    })
  }
  for (const recipe of blobs) {
    const { bytes, digest, claimed } = await truthOf(recipe)
    const content = behaviour.content?.(bytes) ?? bytes
    held.set(digest, {
      claimed: (await behaviour.claim?.(bytes)) ?? claimed,
      async *send(range, fetcher, to) {
        let sent = 0
        const chunks = cut(content, range, throttle)
        try {
          for await (const chunk of behaviourTo(to).send?.(chunks) ?? chunks) {
            sent += chunk.length
            yield chunk
          }
        } finally {
          tell({ sent, fetcher })
        }
      },
    })
  }
  return held
}

interface Truth {
  readonly bytes: Uint8Array
  readonly digest: Digest
  readonly claimed: Claimed
}

/** Made once for all peers of the process. */
const truths = new Map<string, Promise<Truth>>()

function truthOf(recipe: Recipe): Promise<Truth> {
  const key = JSON.stringify(recipe)
  const truth = truths.get(key) ?? makeTruth(recipe)
  truths.set(key, truth)
  return truth
}

async function makeTruth(recipe: Recipe): Promise<Truth> {
  const bytes = make(recipe)
  const leaves = leavesOf(bytes)
  const root = String(await rootOf(leaves, bytes.length))
  return { bytes, digest: digestOf(bytes), claimed: { size: bytes.length, root, leaves } }
}

async function* cut(bytes: Uint8Array, { start, end }: ByteRange, throttle: Throttle) {
  for (let at = start; at <= end; at += CHUNK) {
    const chunk = bytes.slice(at, Math.min(at + CHUNK, end + 1))
    await throttle(chunk.length)
    yield chunk
  }
}

/** Made once for each size: a tebibyte has a million leaves. */
const zeros = new Map<number, Promise<Omit<Claimed, 'size'>>>()

function zerosOf(size: number): Promise<Omit<Claimed, 'size'>> {
  const made = zeros.get(size) ?? makeZeros(size)
  zeros.set(size, made)
  return made
}

async function makeZeros(size: number): Promise<Omit<Claimed, 'size'>> {
  const count = Math.ceil(size / MIB)
  const leaves = new Uint8Array(32 * count)
  const hash = leavesOf(new Uint8Array(Math.min(size, MIB)))
  for (let leaf = 0; leaf < count; leaf++) leaves.set(hash, 32 * leaf)
  if (size % MIB) leaves.set(leavesOf(new Uint8Array(size % MIB)), 32 * (count - 1))
  return { leaves, ...(size > MIB && { root: String(await rootOf(leaves, size)) }) }
}

type Throttle = (bytes: number) => Promise<void>

/** @param rate - bytes a second for all that is sent; absent: no bound */
function createThrottle(rate: number | undefined): Throttle {
  if (rate === undefined) return async () => {}
  let free = performance.now()
  return async (bytes) => {
    free = Math.max(free, performance.now() - 50) + (1000 * bytes) / rate
    await sleep(free - performance.now())
  }
}
