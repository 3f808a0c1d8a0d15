/**
 * Work in the background, one key after another, which is retried when it fails and continued after a restart. Hashing
 * leaves and pinning share it: they differ only in their work lists and in what they do.
 */
import type { Log } from '../log.ts'

export interface BackgroundQueue<Key> {
  /** There may be work on this key. */
  add(key: Key): void
  /** There may be work that was not added: the list is read. */
  sweep(): void
  /** Stops, and resolves when nothing is under way. */
  close(): Promise<void>
}

export interface BackgroundWork<Key> {
  /** For the log, such as `pinning`. */
  readonly name: string
  /** The work list in the catalog. */
  list(): AsyncIterable<Key>
  /** Idempotent, even after it was interrupted at any point. */
  do(key: Key, signal: AbortSignal): Promise<void>
}

/** Milliseconds until failed work is retried, doubled with each failure. */
const FIRST_DELAY_MS = 1000
const MAX_DELAY_MS = 300_000

interface Failed {
  readonly times: number
  readonly retry: ReturnType<typeof setTimeout>
}

export const createBackgroundQueue = <Key>(work: BackgroundWork<Key>, log: Log): BackgroundQueue<Key> =>
  new RetryingQueue(work, log)

class RetryingQueue<Key> implements BackgroundQueue<Key> {
  readonly #work: BackgroundWork<Key>
  readonly #log: Log
  readonly #closing = new AbortController()
  readonly #added = new Set<Key>()
  readonly #failed = new Map<Key, Failed>()
  #isSweepDue = false
  #running: Promise<void> | undefined

  constructor(work: BackgroundWork<Key>, log: Log) {
    this.#work = work
    this.#log = log
  }

  add(key: Key): void {
    this.#added.add(key)
    this.#start()
  }

  sweep(): void {
    this.#isSweepDue = true
    this.#start()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    for (const { retry } of this.#failed.values()) clearTimeout(retry)
    await this.#running
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  get #isIdle(): boolean {
    return this.#isClosed || (this.#added.size === 0 && !this.#isSweepDue)
  }

  #start(): void {
    this.#running ??= this.#run()
      .catch((error) =>
        this.#log.error(`${this.#work.name}: the work list could not be read`, { err: error }),
      )
      .finally(() => {
        this.#running = undefined
        if (!this.#isIdle) this.#start()
      })
  }

  async #run(): Promise<void> {
    while (!this.#isIdle) {
      await this.#workOnAdded()
      if (!this.#isSweepDue) continue
      this.#isSweepDue = false
      for await (const key of this.#work.list()) {
        if (this.#isClosed) return
        if (!this.#failed.has(key)) await this.#attempt(key)
        await this.#workOnAdded()
      }
    }
  }

  async #workOnAdded(): Promise<void> {
    for (const key of this.#added) {
      this.#added.delete(key)
      await this.#attempt(key)
    }
  }

  async #attempt(key: Key): Promise<void> {
    if (this.#isClosed) return
    clearTimeout(this.#failed.get(key)?.retry)
    try {
      await this.#work.do(key, this.#closing.signal)
      this.#failed.delete(key)
    } catch (error) {
      if (!this.#isClosed) this.#retryLater(key, error)
    }
  }

  #retryLater(key: Key, error: unknown): void {
    const times = this.#failed.get(key)?.times ?? 0
    const delay = Math.min(FIRST_DELAY_MS * 2 ** times, MAX_DELAY_MS)
    this.#log.warn(`${this.#work.name} failed and will be retried`, { key, delay, err: error })
    this.#failed.set(key, { times: times + 1, retry: setTimeout(() => this.add(key), delay) })
  }
}
