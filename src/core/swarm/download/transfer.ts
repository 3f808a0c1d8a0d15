/**
 * Moves the leaves of one blob here from several peers at once. Each peer takes spans from one window as fast as it
 * can; what one does not deliver, another takes.
 */

import { createNotifier } from '../../async/notifier.ts'
import { LEAF_SIZE, leafCount } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import type { PeerBackoff } from '../lookup/peer-backoff.ts'
import type { Provider } from '../lookup/providers.ts'
import type { HashLeaf, Network, PeerId, RangeFetcher } from '../ports.ts'
import { type Claim, InvalidClaimError } from './claim.ts'
import { createFetches, type Fetch, OUTRUN, type Participant } from './fetches.ts'
import { createLeafWindow, SPAN, type Span } from './leaf-window.ts'
import { createSources, type Source } from './sources.ts'
import { Stalled, verifiedLeaves } from './verify.ts'

/** Fetches at once from one peer, so that it need not wait for the next question. */
const FETCHES = 2

/** Milliseconds from one look for something to do to the next. */
const LOOK = 100

/** Nobody is left who gives the rest. */
export class Deserted extends Error {
  override readonly name = 'Deserted'
}

export interface TransferDeps {
  readonly network: Network
  readonly digest: Digest
  readonly claim: Claim
  /** The leaf to begin with. */
  readonly first: number
  readonly fetchers: readonly RangeFetcher[]
  readonly hashLeaf: HashLeaf
  readonly backoff: PeerBackoff
  /** Milliseconds. */
  readonly stall: number
  readonly signal: AbortSignal
  /** Told of every leaf that is used. */
  readonly onReceive: (peer: PeerId, protocol: string, bytes: number) => void
  /** Told of all bytes as they come, which may turn out to be of no use. */
  readonly onBytes: (bytes: number) => void
}

export interface Transfer {
  /** One more peer to take part. */
  add(provider: Provider): void
  /**
   * In order, each verified and handed over. Once.
   *
   * @throws Deserted when all peers that were added have failed
   */
  leaves(): AsyncGenerator<Uint8Array>
}

export function createTransfer(parts: TransferDeps): Transfer {
  const { digest, claim, backoff, stall, signal } = parts
  const count = leafCount(claim.size)
  const window = createLeafWindow(parts.first, count)
  const notifier = createNotifier()
  const active = new Set<Participant>()
  const fetches = createFetches({ stall, onOutrun: dismiss })
  let isRunning = false

  const sources = createSources({
    ...parts,
    onFeeder: begin,
    onMore: notifier.notify,
    onEnd: leave,
    isIdle: () => fetches.isEmpty,
    isMute: fetches.isMute,
  })

  function begin(source: Source): void {
    const { peer, offer } = source
    const fetchers = new Set(parts.fetchers.filter((fetcher) => fetcher.supports(peer, offer)))
    const participant = { peer, source, fetchers, hasGiven: false, isSlow: false, outruns: 0 }
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
      else await notifier.wait(LOOK)
    }
  }

  /** It was outrun before it gave anything: while others give, it only fetches what they take too long for. */
  const isDoubtful = ({ isSlow, hasGiven }: Participant) =>
    isSlow && !hasGiven && [...active].some((other) => other.hasGiven)

  function nextSpan(participant: Participant): Span | undefined {
    if (isDoubtful(participant)) return rescue(participant)
    const peers = Math.max(active.size, sources.expected)
    const share = Math.ceil((count - window.frontier) / (peers * FETCHES))
    const most = participant.isSlow ? 1 : Math.min(SPAN, Math.max(1, share))
    return window.take(most, participant.source.available) ?? rescue(participant)
  }

  /** What all others that were asked for it take too long for, and the reader waits for. */
  function rescue(participant: Participant): Span | undefined {
    const late = fetches.late(window.frontier, participant)
    if (!late || late.first >= participant.source.available) return undefined
    const span = { first: late.first, end: Math.min(late.end, participant.source.available) }
    window.takeAgain(span)
    return span
  }

  async function fetchSpan(by: Participant, span: Span): Promise<void> {
    const [fetcher] = by.fetchers
    const fetch = fetches.begin(by, span)
    const { control } = fetch
    try {
      if (!fetcher) throw new Error('no road leads there')
      const range = { start: span.first * LEAF_SIZE, end: Math.min(span.end * LEAF_SIZE, claim.size) - 1 }
      const bytes = fetcher.fetch(by.peer, by.source.offer, digest, range, control)
      const onBytes = (length: number) => {
        fetches.heard(fetch, length)
        by.source.pace.note(length)
        parts.onBytes(length)
      }
      const leaves = verifiedLeaves(bytes, { ...parts, span, control, onBytes })
      for await (const leaf of leaves) accept(fetch, fetcher, leaf)
      backoff.reward(by.peer)
    } catch (error) {
      // What brought something may bring more; a liar has no second chance.
      if (error === OUTRUN || error instanceof InvalidClaimError) throw error
      if (fetcher && (error instanceof Stalled || fetch.next === span.first)) by.fetchers.delete(fetcher)
      if (by.fetchers.size === 0) throw error
    } finally {
      fetches.end(fetch)
      window.release(span)
      notifier.notify()
    }
  }

  function accept(fetch: Fetch, fetcher: RangeFetcher, leaf: Uint8Array): void {
    const { length } = leaf
    const isFirst = window.put(fetch.next, leaf)
    if (isFirst) parts.onReceive(fetch.by.peer, fetcher.name, length)
    fetches.came(fetch, { isFirst })
    notifier.notify()
  }

  function judge(participant: Participant, error: unknown): void {
    if (!isRunning || error === OUTRUN || !active.delete(participant)) return
    backoff.penalize(participant.peer, error instanceof InvalidClaimError ? 'lied' : 'failed', String(error))
    fetches.abort(error, participant.peer)
    sources.lose(participant.peer)
    notifier.notify()
  }

  /** It is not to blame, and may have what others have not. */
  function dismiss(peer: PeerId): void {
    leave(peer)
    sources.lose(peer)
  }

  function leave(peer: PeerId): void {
    for (const participant of active) if (participant.peer === peer) active.delete(participant)
    fetches.abort(OUTRUN, peer)
    notifier.notify()
  }

  function end(): void {
    isRunning = false
    sources.close()
    fetches.abort(signal.reason ?? OUTRUN)
    signal.removeEventListener('abort', notifier.notify)
    notifier.notify()
  }

  return {
    add: sources.add,

    async *leaves() {
      signal.addEventListener('abort', notifier.notify)
      isRunning = true
      for (const participant of active) start(participant)
      try {
        while (!window.isDone) {
          signal.throwIfAborted()
          const leaf = window.shift()
          if (leaf) notifier.notify() // the window has moved
          if (leaf) yield leaf
          else if (active.size === 0 && !sources.isHopeful)
            throw new Deserted('no peer is left that gives the rest')
          else await notifier.wait()
        }
      } finally {
        end()
      }
    },
  }
}
