/**
 * Work that is done in the background, one piece after another, and taken up again when it fails or the process
 * restarts. Apart because hashing leaves and pinning differ only in their lists and in what they do.
 */
import type { Log } from '../log.ts'

export interface BackgroundQueue<Key> {
  /** There is work on this one, or may be. */
  add(key: Key): void
  /** There may be work that nobody has told of: the list is looked through. */
  sweep(): void
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>
}

export interface Work<Key> {
  /** What the log says, such as `pinning`. */
  readonly name: string
  /** What there is to do, as far as the catalog knows. */
  list(): AsyncIterable<Key>
  /** Idempotent, also after it broke off anywhere. */
  do(key: Key, signal: AbortSignal): Promise<void>
}

/** Milliseconds until what failed is tried again: doubled with each failure. */
const FIRST_DELAY = 1000
const LONGEST_DELAY = 300_000

interface Failed {
  readonly times: number
  readonly retry: ReturnType<typeof setTimeout>
}

export function createBackgroundQueue<Key>(work: Work<Key>, log: Log): BackgroundQueue<Key> {
  const closing = new AbortController()
  const added = new Set<Key>()
  const failed = new Map<Key, Failed>()
  let isSweepDue = false
  let running: Promise<void> | undefined

  const isIdle = () => closing.signal.aborted || (added.size === 0 && !isSweepDue)

  async function run(): Promise<void> {
    while (!isIdle()) {
      await workOnAdded()
      if (!isSweepDue) continue
      isSweepDue = false
      for await (const key of work.list()) {
        if (closing.signal.aborted) return
        if (!failed.has(key)) await attempt(key)
        await workOnAdded()
      }
    }
  }

  async function workOnAdded(): Promise<void> {
    for (const key of added) {
      added.delete(key)
      await attempt(key)
    }
  }

  async function attempt(key: Key): Promise<void> {
    if (closing.signal.aborted) return
    clearTimeout(failed.get(key)?.retry)
    try {
      await work.do(key, closing.signal)
      failed.delete(key)
    } catch (error) {
      if (!closing.signal.aborted) putOff(key, error)
    }
  }

  function putOff(key: Key, error: unknown): void {
    const times = failed.get(key)?.times ?? 0
    const delay = Math.min(FIRST_DELAY * 2 ** times, LONGEST_DELAY)
    log.warn(`${work.name} failed; it is tried again`, { key, delay, err: error })
    failed.set(key, { times: times + 1, retry: setTimeout(() => queue.add(key), delay) })
  }

  function start(): void {
    running ??= run()
      .catch((error) => log.error(`${work.name}: the list cannot be read`, { err: error }))
      .finally(() => {
        running = undefined
        if (!isIdle()) start()
      })
  }

  const queue: BackgroundQueue<Key> = {
    add(key) {
      added.add(key)
      start()
    },

    sweep() {
      isSweepDue = true
      start()
    },

    async close() {
      closing.abort()
      for (const { retry } of failed.values()) clearTimeout(retry)
      await running
    },
  }
  return queue
}
