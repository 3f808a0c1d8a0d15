/** Shares one run of some work among callers that want it at the same time. */

import { LRUCache } from 'lru-cache'
import { raceSignal } from './abortable.ts'

/**
 * Joins the run under this key, or starts one. A caller whose signal aborts leaves; the run goes on. A result of
 * `undefined` is remembered for a second, so that a burst of misses costs one run.
 */
export type SingleFlight<T> = (
  key: string,
  start: () => Promise<T | undefined>,
  signal?: AbortSignal | undefined,
) => Promise<T | undefined>

const MISS_TTL_MS = 1000

/** Counted by size, because lru-cache allocates `max` entries at once. */
const MISSES = { maxSize: 10_000, sizeCalculation: () => 1, ttl: MISS_TTL_MS }

export function createSingleFlight<T>(): SingleFlight<T> {
  const running = new Map<string, Promise<T | undefined>>()
  const misses = new LRUCache<string, true>(MISSES)

  async function run(key: string, start: () => Promise<T | undefined>): Promise<T | undefined> {
    try {
      const result = await start()
      if (result === undefined) misses.set(key, true)
      return result
    } finally {
      running.delete(key)
    }
  }

  return async (key, start, signal) => {
    if (misses.has(key)) return undefined
    const joined = running.get(key)
    const current = joined ?? run(key, start)
    if (!joined) running.set(key, current)
    return signal ? raceSignal(current, signal) : current
  }
}

/**
 * Callers during a run share the next one and none joins the run that is under way, so `action` always begins after the
 * call: a sync that begins after a write covers it. Each caller gets the failure of the run that it shares.
 */
export function coalesce(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  const start = (): Promise<void> => {
    next = undefined
    running = action().finally(() => {
      running = undefined
    })
    return running
  }

  return () => {
    if (next) return next
    if (!running) return start()
    next = running.then(start, start)
    return next
  }
}
