/**
 * Who may take a blob from this peer now. When a whole cluster wants the same image at once, a few get it from here and
 * hand it on while it still comes to them; the others wait in line, and hear whom they may ask instead. It is a courtesy
 * between peers, not a lock: ranges are given to whoever asks.
 */

import { delay } from '../../async/delay.ts'
import type { Bytes, Content } from '../../blobs/ports.ts'
import { LEAF_SIZE, leafCount } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import type { PeerId } from '../ports.ts'
import type { Offer, SlotResponse } from '../protocol/messages.ts'

/** Peers that one blob is given to at once. */
export const SLOTS = 3

export interface Slot {
  /** Those whose turn it is; empty if the asker's has come already. */
  readonly alternatives: PeerId[]
  /** Resolves when it comes. Never, if the asker leaves before. */
  readonly granted: Promise<void>
}

export interface Slots {
  /** The turn, or the place in the line, lasts until the signal aborts. */
  join(digest: Digest, peer: PeerId, signal: AbortSignal): Slot
}

interface Waiting {
  readonly peer: PeerId
  begin(): void
}

interface Queue {
  readonly served: Set<Waiting>
  readonly waiting: Set<Waiting>
}

export function createSlots(): Slots {
  const lines = new Map<Digest, Queue>()

  function queueOf(digest: Digest): Queue {
    const line = lines.get(digest) ?? { served: new Set(), waiting: new Set() }
    lines.set(digest, line)
    return line
  }

  function serveNext({ served, waiting }: Queue): void {
    for (const next of waiting) {
      if (served.size === SLOTS) return
      waiting.delete(next)
      served.add(next)
      next.begin()
    }
  }

  return {
    join(digest, peer, signal) {
      const line = queueOf(digest)
      const come = Promise.withResolvers<void>()
      const entry: Waiting = { peer, begin: come.resolve }
      line.waiting.add(entry)
      serveNext(line)
      const leave = () => {
        line.waiting.delete(entry)
        line.served.delete(entry)
        serveNext(line)
        if (line.served.size === 0) lines.delete(digest)
      }
      if (signal.aborted) leave()
      else signal.addEventListener('abort', leave, { once: true })
      const instead = line.served.has(entry) ? [] : [...line.served].map((served) => served.peer)
      return { alternatives: instead, granted: come.promise }
    },
  }
}

/** A blob on its way here, as far as it has come. Whoever takes it checks it as he would check a whole one. */
export interface PartialOffer {
  readonly offer: Offer
  /** Breaks off where it is asked for more than has come. */
  readonly content: Content
  /** Bytes from the first on, each time that there are more. Ends when they are taken back. */
  progress(signal: AbortSignal): AsyncIterable<number>
}

export interface SlotRequest {
  readonly digest: Digest
  readonly peer: PeerId
  readonly offer: Offer
  /** Where it is not all of it. */
  readonly partial?: PartialOffer | undefined
}

/** Milliseconds after which it says again what it said: streams on which nothing moves are closed. */
const REPEAT = 20_000

/** Bytes of a number of leaves. */
export const COUNT_SIZE = 4

export type SlotHandler = (turning: SlotRequest, signal: AbortSignal) => { value: SlotResponse; body: Bytes }

export function createSlotHandler(): SlotHandler {
  const turns = createSlots()
  return ({ digest, peer, offer, partial }, signal) => {
    const turn = turns.join(digest, peer, signal)
    const progress = partial?.progress(signal) ?? whole(offer, signal)
    return { value: { offer, instead: turn.alternatives }, body: counts(turn, offer, progress, signal) }
  }
}

/** None before it is the peer's turn. */
async function* counts(
  { alternatives: instead, granted: come }: Slot,
  { size }: Offer,
  progress: AsyncIterable<number>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let isTurn = instead.length === 0
  come.then(() => {
    isTurn = true
  })
  while (!isTurn && !signal.aborted) {
    yield bytesOf(0)
    await Promise.race([come, delay(REPEAT, signal)])
  }
  for await (const here of progress)
    yield bytesOf(here === size ? leafCount(size) : Math.floor(here / LEAF_SIZE))
}

async function* whole({ size }: Offer, signal: AbortSignal): AsyncGenerator<number> {
  while (!signal.aborted) {
    yield size
    await delay(REPEAT, signal)
  }
}

function bytesOf(count: number): Uint8Array {
  const bytes = new Uint8Array(COUNT_SIZE)
  new DataView(bytes.buffer).setUint32(0, count)
  return bytes
}
