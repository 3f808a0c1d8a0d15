/**
 * Which peers may download a blob from this one now. When a whole cluster wants an image at once, a few peers get it from
 * here and pass it on while it still arrives; the others wait in a queue and hear which peers they may ask instead. Slots
 * are a courtesy between peers, not a lock: ranges are served without one.
 */

import { delay } from '../../async/delay.ts'
import type { Bytes, Content } from '../../blobs/ports.ts'
import { LEAF_SIZE, leafCount } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import type { PeerId } from '../ports.ts'
import type { Offer, SlotResponse } from '../protocol/messages.ts'

/** Peers that are served the same blob at once. */
export const SLOTS_PER_BLOB = 3

export interface Slot {
  /** The peers that have a slot; empty if the requester got one at once. */
  readonly alternatives: PeerId[]
  /** Resolves when the requester gets its slot; never, if it leaves before. */
  readonly granted: Promise<void>
}

export interface Slots {
  /** Takes a slot, or a place in the queue, until the signal aborts. */
  join(digest: Digest, peer: PeerId, signal: AbortSignal): Slot
}

export function createSlots(): Slots {
  const queues = new Map<Digest, SlotQueue>()
  return {
    join(digest, peer, signal) {
      const queue = queues.get(digest) ?? new SlotQueue()
      queues.set(digest, queue)
      const { slot, leave } = queue.join(peer)
      const end = () => {
        leave()
        if (queue.isEmpty) queues.delete(digest)
      }
      if (signal.aborted) end()
      else signal.addEventListener('abort', end, { once: true })
      return slot
    },
  }
}

interface Requester {
  readonly peer: PeerId
  grant(): void
}

/** The slots of one blob, and the requesters that wait for them. */
class SlotQueue {
  readonly #served = new Set<Requester>()
  readonly #waiting = new Set<Requester>()

  get isEmpty(): boolean {
    return this.#served.size === 0
  }

  join(peer: PeerId): { slot: Slot; leave(): void } {
    const granted = Promise.withResolvers<void>()
    const requester: Requester = { peer, grant: granted.resolve }
    this.#waiting.add(requester)
    this.#serveNext()
    const alternatives = this.#served.has(requester) ? [] : [...this.#served].map((served) => served.peer)
    const leave = () => {
      this.#waiting.delete(requester)
      this.#served.delete(requester)
      this.#serveNext()
    }
    return { slot: { alternatives, granted: granted.promise }, leave }
  }

  #serveNext(): void {
    for (const next of this.#waiting) {
      if (this.#served.size === SLOTS_PER_BLOB) return
      this.#waiting.delete(next)
      this.#served.add(next)
      next.grant()
    }
  }
}

/** A blob that is still being downloaded here. Peers verify it as they would a complete one. */
export interface PartialOffer {
  readonly offer: Offer
  /** The stream errors beyond what has arrived. */
  readonly content: Content
  /** How many bytes, from the first on, have arrived, whenever there are more. Ends if they are discarded. */
  progress(signal: AbortSignal): AsyncIterable<number>
}

export interface SlotRequest {
  readonly digest: Digest
  readonly peer: PeerId
  readonly offer: Offer
  /** Set if the blob is still being downloaded here. */
  readonly partial?: PartialOffer | undefined
}

/** How often the last count is repeated, because idle streams are closed. */
const REPEAT_INTERVAL_MS = 20_000

/** Bytes of one count of leaves. */
export const LEAF_COUNT_BYTES = 4

export type SlotHandler = (request: SlotRequest, signal: AbortSignal) => { value: SlotResponse; body: Bytes }

export function createSlotHandler(): SlotHandler {
  const slots = createSlots()
  return ({ digest, peer, offer, partial }, signal) => {
    const slot = slots.join(digest, peer, signal)
    const progress = partial?.progress(signal) ?? complete(offer, signal)
    return { value: { offer, instead: slot.alternatives }, body: counts(slot, offer, progress, signal) }
  }
}

/** How many leaves the requester can fetch: 0 until it has a slot, then more as they arrive. */
async function* counts(
  { alternatives, granted }: Slot,
  { size }: Offer,
  progress: AsyncIterable<number>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let isGranted = alternatives.length === 0
  granted.then(() => {
    isGranted = true
  })
  while (!isGranted && !signal.aborted) {
    yield encodeCount(0)
    await Promise.race([granted, delay(REPEAT_INTERVAL_MS, signal)])
  }
  for await (const arrived of progress)
    yield encodeCount(arrived === size ? leafCount(size) : Math.floor(arrived / LEAF_SIZE))
}

async function* complete({ size }: Offer, signal: AbortSignal): AsyncGenerator<number> {
  while (!signal.aborted) {
    yield size
    await delay(REPEAT_INTERVAL_MS, signal)
  }
}

function encodeCount(count: number): Uint8Array {
  const bytes = new Uint8Array(LEAF_COUNT_BYTES)
  new DataView(bytes.buffer).setUint32(0, count)
  return bytes
}
