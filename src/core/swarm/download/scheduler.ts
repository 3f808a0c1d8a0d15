/**
 * Decides which peer gives which leaves of one blob now. Each source fetches spans out of one window as fast as it can;
 * what one doesn't deliver in time, another fetches as well.
 */
import { createNotifier } from '../../async/notifier.ts'
import { LEAF_SIZE, leafCount } from '../../leaf.ts'
import type { ByteRange } from '../../oci/range.ts'
import type { Provider } from '../lookup/providers.ts'
import type { HashLeaf, PeerId, RangeFetcher } from '../ports.ts'
import { InvalidClaimError } from './claim.ts'
import { type Fetch, HedgedFetches, LOST_RACE } from './hedged-fetches.ts'
import { LeafWindow, MAX_SPAN_LEAVES, type Span } from './leaf-window.ts'
import type { Source } from './source.ts'
import { Sources, type SourcesDeps } from './sources.ts'
import { StalledError, verifiedLeaves } from './verify.ts'

/** Fetches at once from one source, so that it needn't wait for the next request. */
const FETCHES_PER_SOURCE = 2

/** Milliseconds after which an idle worker looks whether there is a leaf to hedge. */
const CHECK_MS = 100

/** No source is left that gives the rest of the blob. */
export class SourcesExhaustedError extends Error {
  override readonly name = 'SourcesExhaustedError'
}

export interface LeafSchedulerDeps extends SourcesDeps {
  /** The leaf to begin with. */
  readonly first: number
  /** The fastest first. */
  readonly fetchers: readonly RangeFetcher[]
  readonly hashLeaf: HashLeaf
  readonly signal: AbortSignal
  /** Called for each leaf that is used, with its length. */
  readonly onLeaf: (peer: PeerId, bytes: number) => void
  /** Called for all bytes as they arrive, also for those that turn out to be of no use. */
  readonly onBytes: (bytes: number) => void
}

export class LeafScheduler {
  readonly #deps: LeafSchedulerDeps
  readonly #count: number
  readonly #window: LeafWindow
  readonly #changes = createNotifier()
  readonly #fetches: HedgedFetches
  readonly #sources: Sources
  #isRunning = false

  constructor(deps: LeafSchedulerDeps) {
    this.#deps = deps
    this.#count = leafCount(deps.claim.size)
    this.#window = new LeafWindow(deps.first, this.#count)
    this.#fetches = new HedgedFetches(deps.stall)
    this.#sources = new Sources(deps, this.#fetches, this.#changes)
  }

  /** One more peer that has the blob. */
  add(provider: Provider): void {
    this.#sources.add(provider)
  }

  /**
   * The leaves in order, each verified and handed over. To be called once.
   *
   * @throws SourcesExhaustedError when all providers that were added have failed
   */
  async *leaves(): AsyncGenerator<Uint8Array> {
    const { signal } = this.#deps
    signal.addEventListener('abort', this.#changes.notify)
    this.#isRunning = true
    void this.#employ()
    try {
      while (!this.#window.isDone) {
        signal.throwIfAborted()
        const leaf = this.#window.shift()
        if (leaf) {
          this.#changes.notify() // the window has moved
          yield leaf
        } else if (this.#sources.isEmpty)
          throw new SourcesExhaustedError('no peer is left that gives the rest of the blob')
        else await this.#changes.wait()
      }
    } finally {
      this.close()
    }
  }

  /** Ends all fetches. To be called even if no leaf was asked for. */
  close(): void {
    const { signal } = this.#deps
    this.#isRunning = false
    this.#fetches.abort(signal.reason ?? LOST_RACE)
    this.#sources.close()
    signal.removeEventListener('abort', this.#changes.notify)
    this.#changes.notify()
  }

  /** Starts the workers of each source as soon as it gives. Never rejects. */
  async #employ(): Promise<void> {
    const employed = new WeakSet<Source>()
    while (this.#isRunning) {
      for (const source of this.#sources.giving) {
        if (employed.has(source)) continue
        employed.add(source)
        this.#start(source)
      }
      await this.#changes.wait()
    }
  }

  #start(source: Source): void {
    for (const fetcher of this.#deps.fetchers)
      if (fetcher.supports(source.peer, source.offer)) source.fetchers.add(fetcher)
    for (let worker = 0; worker < FETCHES_PER_SOURCE; worker++) void this.#work(source, worker)
  }

  /** Never rejects. */
  async #work(source: Source, worker: number): Promise<void> {
    while (this.#isRunning && source.state === 'giving') {
      const span = source.isSlow && worker > 0 ? undefined : this.#nextSpan(source)
      if (span) await this.#fetch(source, span).catch((error) => this.#fail(source, error))
      else await this.#changes.wait(CHECK_MS)
    }
  }

  /** While others give, a doubtful source fetches only what they take too long for. */
  #nextSpan(source: Source): Span | undefined {
    if (source.isDoubtful && this.#sources.giving.some(({ hasGiven }) => hasGiven)) return this.#hedge(source)
    const fetches = this.#sources.expected * FETCHES_PER_SOURCE
    const share = Math.ceil((this.#count - this.#window.frontier) / fetches)
    const maxLeaves = source.isSlow ? 1 : Math.min(MAX_SPAN_LEAVES, Math.max(1, share))
    return this.#window.take(maxLeaves, source.available) ?? this.#hedge(source)
  }

  #hedge(source: Source): Span | undefined {
    const late = this.#fetches.hedge(this.#window.frontier, source)
    if (!late || late.first >= source.available) return undefined
    const span = { first: late.first, end: Math.min(late.end, source.available) }
    this.#window.takeAgain(span)
    return span
  }

  async #fetch(source: Source, span: Span): Promise<void> {
    const [fetcher] = source.fetchers
    const fetch = this.#fetches.begin(source, span)
    try {
      if (!fetcher) throw new Error('no fetcher supports the peer')
      await this.#fetchBy(fetcher, fetch)
      this.#deps.backoff.reward(source.peer)
    } catch (error) {
      // A source that lies has no second chance. From any other, the next fetcher may bring more.
      if (error === LOST_RACE || error instanceof InvalidClaimError) throw error
      if (fetcher && (error instanceof StalledError || fetch.next === span.first))
        source.fetchers.delete(fetcher)
      if (source.fetchers.size === 0) throw error
    } finally {
      this.#fetches.end(fetch)
      this.#window.release(span)
      this.#changes.notify()
    }
  }

  async #fetchBy(fetcher: RangeFetcher, fetch: Fetch): Promise<void> {
    const { digest, onBytes } = this.#deps
    const { source, span, control } = fetch
    const bytes = fetcher.fetch(source.peer, source.offer, digest, this.#rangeOf(span), control)
    const noteBytes = (length: number): void => {
      fetch.bytes += length
      source.throughput.add(length)
      onBytes(length)
    }
    const leaves = verifiedLeaves(bytes, { ...this.#deps, span, control, onBytes: noteBytes })
    for await (const leaf of leaves) this.#accept(fetch, leaf)
  }

  #rangeOf({ first, end }: Span): ByteRange {
    return { start: first * LEAF_SIZE, end: Math.min(end * LEAF_SIZE, this.#deps.claim.size) - 1 }
  }

  #accept(fetch: Fetch, leaf: Uint8Array): void {
    const { length } = leaf
    const isFirst = this.#window.put(fetch.next, leaf)
    if (isFirst) this.#deps.onLeaf(fetch.source.peer, length)
    const useless = this.#fetches.leafArrived(fetch, { isFirst })
    for (const source of useless) this.#sources.exclude(source, LOST_RACE)
    this.#changes.notify()
  }

  #fail(source: Source, error: unknown): void {
    if (!this.#isRunning || error === LOST_RACE || source.state !== 'giving') return
    const fault = error instanceof InvalidClaimError ? 'lied' : 'failed'
    this.#deps.backoff.penalize(source.peer, fault, String(error))
    this.#sources.exclude(source, error)
  }
}
