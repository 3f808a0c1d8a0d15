/**
 * Moves the leaves of one blob here from several peers at once. Each peer takes spans from one window as fast as it
 * can; what one does not deliver, another takes.
 */
import { LEAF_SIZE } from '../catalog/blobs.ts'
import type { Digest } from '../oci/digest.ts'
import { createBell } from './bell.ts'
import { type Claim, Lie, leafCount } from './claims.ts'
import { createFeeders, type Feeder } from './feeders.ts'
import { createFetches, type Fetch, OUTRUN, type Participant } from './fetches.ts'
import type { Holder } from './holders.ts'
import type { HashLeaf, Network, PeerId, Road } from './ports.ts'
import type { Standing } from './standing.ts'
import { Stalled, verifiedLeaves } from './verified-leaves.ts'
import { createWindow, SPAN, type Span } from './window.ts'

/** Fetches at once from one peer, so that it need not wait for the next question. */
const FETCHES = 2

/** Milliseconds from one look for something to do to the next. */
const LOOK = 100

/** Nobody is left who gives the rest. */
export class Deserted extends Error {
  override readonly name = 'Deserted'
}

export interface TransferParts {
  readonly network: Network
  readonly digest: Digest
  readonly claim: Claim
  /** The leaf to begin with. */
  readonly first: number
  readonly roads: readonly Road[]
  readonly hashLeaf: HashLeaf
  readonly standing: Standing
  /** Milliseconds. */
  readonly stall: number
  readonly signal: AbortSignal
  /** Told of every leaf that is used. */
  readonly onReceive: (peer: PeerId, road: string, bytes: number) => void
  /** Told of all bytes as they come, which may turn out to be of no use. */
  readonly onBytes: (bytes: number) => void
}

export interface Transfer {
  /** One more peer to take part. */
  add(holder: Holder): void
  /**
   * In order, each verified and handed over. Once.
   *
   * @throws Deserted when all peers that were added have failed
   */
  leaves(): AsyncGenerator<Uint8Array>
}

export function createTransfer(parts: TransferParts): Transfer {
  const { digest, claim, standing, stall, signal } = parts
  const count = leafCount(claim.size)
  const window = createWindow(parts.first, count)
  const bell = createBell()
  const active = new Set<Participant>()
  const fetches = createFetches({ stall, onOutrun: dismiss })
  let isRunning = false

  const feeders = createFeeders({
    ...parts,
    onFeeder: begin,
    onMore: bell.ring,
    onEnd: leave,
    isIdle: () => fetches.isEmpty,
    isMute: fetches.isMute,
  })

  function begin(feeder: Feeder): void {
    const { peer, offer } = feeder
    const roads = new Set(parts.roads.filter((road) => road.leadsTo(peer, offer)))
    const participant = { peer, feeder, roads, hasGiven: false, isSlow: false, outruns: 0 }
    active.add(participant)
    if (isRunning) start(participant)
  }

  function start(participant: Participant): void {
    for (let slot = 0; slot < FETCHES; slot++) void work(participant, slot)
  }

  /** Never rejects. */
  async function work(participant: Participant, slot: number): Promise<void> {
    while (isRunning && active.has(participant)) {
      const span = participant.isSlow && slot > 0 ? undefined : nextSpan(participant)
      if (span) await fetchSpan(participant, span).catch((error) => judge(participant, error))
      else await bell.wait(LOOK)
    }
  }

  /** It was outrun before it gave anything: while others give, it only fetches what they take too long for. */
  const isDoubtful = ({ isSlow, hasGiven }: Participant) =>
    isSlow && !hasGiven && [...active].some((other) => other.hasGiven)

  function nextSpan(participant: Participant): Span | undefined {
    if (isDoubtful(participant)) return rescue(participant)
    const peers = Math.max(active.size, feeders.expected)
    const share = Math.ceil((count - window.frontier) / (peers * FETCHES))
    const most = participant.isSlow ? 1 : Math.min(SPAN, Math.max(1, share))
    return window.take(most, participant.feeder.available) ?? rescue(participant)
  }

  /** What all others that were asked for it take too long for, and the reader waits for. */
  function rescue(participant: Participant): Span | undefined {
    const late = fetches.late(window.frontier, participant)
    if (!late || late.first >= participant.feeder.available) return undefined
    const span = { first: late.first, end: Math.min(late.end, participant.feeder.available) }
    window.takeAgain(span)
    return span
  }

  async function fetchSpan(by: Participant, span: Span): Promise<void> {
    const [road] = by.roads
    const fetch = fetches.begin(by, span)
    const { control } = fetch
    try {
      if (!road) throw new Error('no road leads there')
      const range = { start: span.first * LEAF_SIZE, end: Math.min(span.end * LEAF_SIZE, claim.size) - 1 }
      const bytes = road.fetch(by.peer, by.feeder.offer, digest, range, control)
      const onBytes = (length: number) => {
        fetches.heard(fetch, length)
        by.feeder.pace.note(length)
        parts.onBytes(length)
      }
      const leaves = verifiedLeaves(bytes, { ...parts, span, control, onBytes })
      for await (const leaf of leaves) accept(fetch, road, leaf)
      standing.proved(by.peer)
    } catch (error) {
      // What brought something may bring more; a liar has no second chance.
      if (error === OUTRUN || error instanceof Lie) throw error
      if (road && (error instanceof Stalled || fetch.next === span.first)) by.roads.delete(road)
      if (by.roads.size === 0) throw error
    } finally {
      fetches.end(fetch)
      window.release(span)
      bell.ring()
    }
  }

  function accept(fetch: Fetch, road: Road, leaf: Uint8Array): void {
    const { length } = leaf
    const isFirst = window.put(fetch.next, leaf)
    if (isFirst) parts.onReceive(fetch.by.peer, road.name, length)
    fetches.came(fetch, { isFirst })
    bell.ring()
  }

  function judge(participant: Participant, error: unknown): void {
    if (!isRunning || error === OUTRUN || !active.delete(participant)) return
    standing.putAside(participant.peer, error instanceof Lie ? 'lied' : 'failed', String(error))
    fetches.abort(error, participant.peer)
    feeders.lose(participant.peer)
    bell.ring()
  }

  /** It is not to blame, and may have what others have not. */
  function dismiss(peer: PeerId): void {
    leave(peer)
    feeders.lose(peer)
  }

  function leave(peer: PeerId): void {
    for (const participant of active) if (participant.peer === peer) active.delete(participant)
    fetches.abort(OUTRUN, peer)
    bell.ring()
  }

  function end(): void {
    isRunning = false
    feeders.close()
    fetches.abort(signal.reason ?? OUTRUN)
    signal.removeEventListener('abort', bell.ring)
    bell.ring()
  }

  return {
    add: feeders.add,

    async *leaves() {
      signal.addEventListener('abort', bell.ring)
      isRunning = true
      for (const participant of active) start(participant)
      try {
        while (!window.isDone) {
          signal.throwIfAborted()
          const leaf = window.shift()
          if (leaf) bell.ring() // the window has moved
          if (leaf) yield leaf
          else if (active.size === 0 && !feeders.isHopeful)
            throw new Deserted('no peer is left that gives the rest')
          else await bell.wait()
        }
      } finally {
        end()
      }
    },
  }
}
