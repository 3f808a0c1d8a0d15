/**
 * The fetches of one transfer that are under way, as a race: which leaf is waited for too long, so that one more peer is
 * to fetch it, and who was faster. Apart from who fetches what, as it is judged from all fetches at once.
 */

import type { PeerId, RangeFetcher } from '../ports.ts'
import type { Span } from './leaf-window.ts'
import type { Source } from './sources.ts'

export interface Participant {
  readonly peer: PeerId
  readonly source: Source
  /** Those that have not failed. */
  readonly fetchers: Set<RangeFetcher>
  /** It has given a leaf that was wanted. */
  hasGiven: boolean
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
  /** What has come of it. */
  bytes: number
  readonly control: AbortController
}

export interface Fetches {
  readonly isEmpty: boolean
  begin(by: Participant, span: Span): Fetch
  end(fetch: Fetch): void
  /** So many bytes have come. */
  heard(fetch: Fetch, bytes: number): void
  /** It sends next to nothing of what it is asked for. */
  isMute(peer: PeerId): boolean
  /**
   * What is left of a fetch of the leaf that is waited for, for `by` to fetch as well: where all who fetch it take too
   * long. For each that is mute, several others try at once, so that many who promise and send nothing are seen through
   * together; and the leaves that only such fetch are not left to them until they are waited for.
   */
  late(frontier: number, by: Participant): Span | undefined
  /** It has brought its next leaf. `isFirst`: before all others. */
  came(fetch: Fetch, options: { readonly isFirst: boolean }): void
  /** All, or those by one peer. */
  abort(reason: unknown, peer?: PeerId): void
}

/** Milliseconds before a leaf that others wait for is fetched a second time; and before anything is known of their pace. */
const LEAST_PATIENCE = 250
const FIRST_PATIENCE = 500

/** Bytes a second. Whoever sends less of a leaf is mute; far less than anybody's share of a slow link. */
const MUTE = 8 * 1024

/** Others that try the leaf of one that is mute; and as many as may fetch one leaf. */
const STAND_INS = 2
const MAX_AT_ONCE = 16

/** A peer that is outrun so often in a row only costs time. */
const MAX_OUTRUNS = 3

/** Why a fetch is broken off, where its peer is not to blame. */
export const OUTRUN = new Error('another peer was faster')

export interface FetchesDeps {
  /** Milliseconds. */
  readonly stall: number
  /** It is outrun all the time, or was mute and has never given anything. */
  onOutrun(peer: PeerId): void
}

export function createFetches({ stall, onOutrun }: FetchesDeps): Fetches {
  const running = new Set<Fetch>()
  /** Milliseconds a leaf, as a running average. */
  let pace: number | undefined

  const patience = () =>
    pace === undefined ? Math.min(FIRST_PATIENCE, stall / 10) : Math.max(LEAST_PATIENCE, 4 * pace)

  /** It is not waited for as long as one that sends, however slow that is. */
  function isMute({ bytes, since }: Fetch): boolean {
    const elapsed = performance.now() - since
    const most = pace === undefined ? LEAST_PATIENCE : FIRST_PATIENCE
    return elapsed >= Math.min(most, patience()) && bytes < (MUTE * elapsed) / 1000
  }

  function mayJoin(fetches: readonly Fetch[], by: Participant): boolean {
    if (fetches.length >= MAX_AT_ONCE || fetches.some((fetch) => fetch.by === by)) return false
    const mute = fetches.filter(isMute)
    const isHopeful = (fetch: Fetch) => performance.now() - fetch.since < patience() && !mute.includes(fetch)
    return fetches.filter(isHopeful).length < Math.max(1, STAND_INS * mute.length)
  }

  function measure({ by, since }: Fetch): void {
    const took = performance.now() - since
    pace = pace === undefined ? took : 0.8 * pace + 0.2 * took
    if (took < 2 * pace) by.isSlow = false
    by.outruns = 0
    by.hasGiven = true
  }

  function outrun(winner: Fetch): void {
    for (const fetch of running) {
      if (fetch === winner || fetch.next !== winner.next) continue
      const { by } = fetch
      const isOfNoUse = !by.hasGiven && isMute(fetch)
      by.isSlow = true
      fetch.control.abort(OUTRUN)
      if (++by.outruns === MAX_OUTRUNS || isOfNoUse) onOutrun(by.peer)
    }
  }

  return {
    get isEmpty() {
      return running.size === 0
    },

    begin(by, span) {
      const control = new AbortController()
      const fetch = { by, span, next: span.first, since: performance.now(), bytes: 0, control }
      running.add(fetch)
      return fetch
    },

    end: (fetch) => void running.delete(fetch),

    heard(fetch, bytes) {
      fetch.bytes += bytes
    },

    isMute: (peer) => [...running].some((fetch) => fetch.by.peer === peer && isMute(fetch)),

    late(frontier, by) {
      const coming = [...running].filter(({ next, span }) => next >= frontier && next < span.end)
      for (const [leaf, fetches] of [...byLeaf(coming)].sort(([one], [other]) => one - other)) {
        const isWaitedFor = leaf === frontier || fetches.some(isMute)
        if (isWaitedFor && mayJoin(fetches, by)) return { first: leaf, end: fetches[0]!.span.end }
      }
      return undefined
    },

    came(fetch, { isFirst }) {
      if (isFirst) measure(fetch)
      if (isFirst) outrun(fetch)
      fetch.next++
      fetch.since = performance.now()
      fetch.bytes = 0
    },

    abort(reason, peer) {
      for (const { by, control } of running) if (peer === undefined || by.peer === peer) control.abort(reason)
    },
  }
}

function byLeaf(fetches: readonly Fetch[]): Map<number, Fetch[]> {
  const groups = new Map<number, Fetch[]>()
  for (const fetch of fetches) groups.set(fetch.next, [...(groups.get(fetch.next) ?? []), fetch])
  return groups
}
