/**
 * The fetches of one blob that are under way, and the races between them: which leaf takes so long that another source
 * fetches it as well (a hedged request), and which source loses. Separate from the scheduler because it compares all
 * fetches, and the scheduler looks at one source at a time.
 */
import type { Span } from './leaf-window.ts'
import type { Source } from './source.ts'

export interface Fetch {
  readonly source: Source
  readonly span: Span
  /** Aborts the fetch. */
  readonly control: AbortController
  /** The leaf that is arriving, and since when, in milliseconds of `performance.now()`. */
  next: number
  since: number
  /** What has arrived of that leaf. */
  bytes: number
}

/** Milliseconds before a leaf that readers wait for is fetched a second time; and before any leaf has been timed. */
const MIN_PATIENCE_MS = 250
const FIRST_PATIENCE_MS = 500

/** A source that sends less of a leaf is mute. Even a small share of a slow link is far more. */
const MUTE_BYTES_PER_SECOND = 8 * 1024

/** Other sources that fetch a leaf of a mute one, and all that may fetch one leaf at once. */
const MAX_STAND_INS = 2
const MAX_FETCHES_PER_LEAF = 16

/** A source that loses so many races in a row only costs time. */
const MAX_LOST_RACES = 3

/** The reason why a fetch is aborted when its source isn't to blame. */
export const LOST_RACE = new Error('another peer was faster')

export class HedgedFetches {
  readonly #stallMs: number
  readonly #running = new Set<Fetch>()
  /** Milliseconds a leaf, as a running average. */
  #leafMs: number | undefined

  /** @param stallMs - after which a peer that sends nothing has failed */
  constructor(stallMs: number) {
    this.#stallMs = stallMs
  }

  get isEmpty(): boolean {
    return this.#running.size === 0
  }

  begin(source: Source, span: Span): Fetch {
    const control = new AbortController()
    const fetch = { source, span, control, next: span.first, since: performance.now(), bytes: 0 }
    this.#running.add(fetch)
    return fetch
  }

  end(fetch: Fetch): void {
    this.#running.delete(fetch)
  }

  /** Aborts all fetches, or those from one source. */
  abort(reason: unknown, source?: Source): void {
    for (const fetch of this.#running)
      if (source === undefined || fetch.source === source) fetch.control.abort(reason)
  }

  /** Whether a source sends next to nothing of what it is asked for. */
  readonly isMute = (source: Source): boolean =>
    [...this.#running].some((fetch) => fetch.source === source && this.#sendsNothing(fetch))

  /**
   * What one more source is to fetch as well: the rest of a span whose leaf readers wait for, where all that fetch it take
   * too long. For each that is mute, several others try at once, so that many which promise and send nothing are found
   * out together; and leaves that only mute sources fetch are hedged before readers wait for them.
   */
  hedge(frontier: number, source: Source): Span | undefined {
    const arriving = [...this.#running].filter(({ next, span }) => next >= frontier && next < span.end)
    for (const [leaf, fetches] of [...byLeaf(arriving)].sort(([one], [other]) => one - other)) {
      const isUrgent = leaf === frontier || fetches.some((fetch) => this.#sendsNothing(fetch))
      if (isUrgent && this.#mayJoin(fetches, source)) return { first: leaf, end: fetches[0]!.span.end }
    }
    return undefined
  }

  /**
   * The next leaf of a fetch has arrived: before those of all others if `isFirst`, which then lose the race. Gives the
   * sources that only cost time, as they lose again and again, or have never sent anything.
   */
  leafArrived(fetch: Fetch, { isFirst }: { readonly isFirst: boolean }): readonly Source[] {
    if (isFirst) this.#measure(fetch)
    const useless = isFirst ? this.#endRace(fetch) : []
    fetch.next++
    fetch.since = performance.now()
    fetch.bytes = 0
    return useless
  }

  #measure({ source, since }: Fetch): void {
    const elapsed = performance.now() - since
    this.#leafMs = this.#leafMs === undefined ? elapsed : 0.8 * this.#leafMs + 0.2 * elapsed
    if (elapsed < 2 * this.#leafMs) source.isSlow = false
    source.lostRaces = 0
    source.hasGiven = true
  }

  #endRace(winner: Fetch): readonly Source[] {
    const losers = [...this.#running].filter((fetch) => fetch !== winner && fetch.next === winner.next)
    return losers.filter((fetch) => this.#lose(fetch)).map(({ source }) => source)
  }

  /** `true` if its source is of no use. */
  #lose(fetch: Fetch): boolean {
    const { source } = fetch
    const hasNeverSent = !source.hasGiven && this.#sendsNothing(fetch)
    source.isSlow = true
    fetch.control.abort(LOST_RACE)
    return ++source.lostRaces === MAX_LOST_RACES || hasNeverSent
  }

  #mayJoin(fetches: readonly Fetch[], source: Source): boolean {
    if (fetches.length >= MAX_FETCHES_PER_LEAF || fetches.some((fetch) => fetch.source === source))
      return false
    const mute = fetches.filter((fetch) => this.#sendsNothing(fetch)).length
    const promising = fetches.filter((fetch) => !this.#sendsNothing(fetch) && !this.#isLate(fetch)).length
    return promising < Math.max(1, MAX_STAND_INS * mute)
  }

  #isLate({ since }: Fetch): boolean {
    return performance.now() - since >= this.#patienceMs()
  }

  /** Patience is shorter with a source that sends nothing than with one that is slow. */
  #sendsNothing({ bytes, since }: Fetch): boolean {
    const elapsed = performance.now() - since
    const patience = Math.min(
      this.#leafMs === undefined ? MIN_PATIENCE_MS : FIRST_PATIENCE_MS,
      this.#patienceMs(),
    )
    return elapsed >= patience && bytes < (MUTE_BYTES_PER_SECOND * elapsed) / 1000
  }

  #patienceMs(): number {
    if (this.#leafMs === undefined) return Math.min(FIRST_PATIENCE_MS, this.#stallMs / 10)
    return Math.max(MIN_PATIENCE_MS, 4 * this.#leafMs)
  }
}

function byLeaf(fetches: readonly Fetch[]): Map<number, Fetch[]> {
  const groups = new Map<number, Fetch[]>()
  for (const fetch of fetches) groups.set(fetch.next, [...(groups.get(fetch.next) ?? []), fetch])
  return groups
}
