/**
 * The fetches of one transfer that are under way, as a race: which leaf is waited for too long, so that one more peer is
 * to fetch it, and who was faster. Apart from who fetches what, as it is judged from all fetches at once.
 */
import type { Feeder } from './feeders.ts'
import type { PeerId, Road } from './ports.ts'
import type { Span } from './window.ts'

export interface Participant {
  readonly peer: PeerId
  readonly feeder: Feeder
  /** Those that have not failed. */
  readonly roads: Set<Road>
  /** Another was faster with what this one was asked for. */
  isSlow: boolean
  /** How often that has happened since it last gave a leaf that was wanted. */
  outruns: number
}

export interface Fetch {
  readonly by: Participant
  readonly span: Span
  /** The leaf that is coming, and since when. */
  next: number
  since: number
  readonly control: AbortController
}

export interface Fetches {
  readonly isEmpty: boolean
  begin(by: Participant, span: Span): Fetch
  end(fetch: Fetch): void
  /** What is left of a fetch of this leaf, for `by` to fetch as well: where all who fetch it take too long. */
  late(leaf: number, by: Participant): Span | undefined
  /** It has brought its next leaf. `isFirst`: before all others. */
  came(fetch: Fetch, options: { readonly isFirst: boolean }): void
  /** All, or those by one peer. */
  abort(reason: unknown, peer?: PeerId): void
}

/** Milliseconds before a leaf that others wait for is fetched a second time; and before anything is known of their pace. */
const LEAST_PATIENCE = 250
const FIRST_PATIENCE = 500

/** A peer that is outrun so often in a row only costs time. */
const MOST_OUTRUNS = 3

/** Why a fetch is broken off, where its peer is not to blame. */
export const OUTRUN = new Error('another peer was faster')

export interface FetchesParts {
  /** Milliseconds. */
  readonly stall: number
  /** It is outrun all the time. */
  onOutrun(peer: PeerId): void
}

export function createFetches({ stall, onOutrun }: FetchesParts): Fetches {
  const running = new Set<Fetch>()
  /** Milliseconds a leaf, as a running average. */
  let pace: number | undefined

  const patience = () =>
    pace === undefined ? Math.min(FIRST_PATIENCE, stall / 10) : Math.max(LEAST_PATIENCE, 4 * pace)

  function measure({ by, since }: Fetch): void {
    const took = performance.now() - since
    pace = pace === undefined ? took : 0.8 * pace + 0.2 * took
    if (took < 2 * pace) by.isSlow = false
    by.outruns = 0
  }

  function outrun(winner: Fetch): void {
    for (const fetch of running) {
      if (fetch === winner || fetch.next !== winner.next) continue
      fetch.by.isSlow = true
      fetch.control.abort(OUTRUN)
      if (++fetch.by.outruns === MOST_OUTRUNS) onOutrun(fetch.by.peer)
    }
  }

  return {
    get isEmpty() {
      return running.size === 0
    },

    begin(by, span) {
      const control = new AbortController()
      const fetch = { by, span, next: span.first, since: performance.now(), control }
      running.add(fetch)
      return fetch
    },

    end: (fetch) => void running.delete(fetch),

    late(leaf, by) {
      const late = [...running].filter((fetch) => fetch.next === leaf)
      const last = late.sort((one, other) => one.since - other.since).at(-1)
      if (!last || late.some((fetch) => fetch.by === by)) return undefined
      if (performance.now() - last.since < patience()) return undefined
      return { first: leaf, end: last.span.end }
    },

    came(fetch, { isFirst }) {
      if (isFirst) measure(fetch)
      if (isFirst) outrun(fetch)
      fetch.next++
      fetch.since = performance.now()
    },

    abort(reason, peer) {
      for (const { by, control } of running) if (peer === undefined || by.peer === peer) control.abort(reason)
    },
  }
}
