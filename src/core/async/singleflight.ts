/** One run of some work for all callers that want the same at the same time: two kinds, by what a late caller gets. */

import { LRUCache } from 'lru-cache'
import { orAborted } from './abortable.ts'

/**
 * Joins the flight of this key, or starts it. Whoever's signal aborts leaves; the flight goes on. `undefined` is
 * remembered for a second, so that a burst of misses costs one question.
 */
export type SingleFlight<T> = (
  key: string,
  start: () => Promise<T | undefined>,
  signal?: AbortSignal | undefined,
) => Promise<T | undefined>

/** Milliseconds. */
const REMEMBERED = 1000

/** Counted by their size, as room for `max` would be taken at once. */
const MISSES = { maxSize: 10_000, sizeCalculation: () => 1, ttl: REMEMBERED }

export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Promise<T | undefined>>()
  const misses = new LRUCache<string, true>(MISSES)

  async function fly(key: string, start: () => Promise<T | undefined>): Promise<T | undefined> {
    try {
      const result = await start()
      if (result === undefined) misses.set(key, true)
      return result
    } finally {
      flights.delete(key)
    }
  }

  return async (key, start, signal) => {
    if (misses.has(key)) return undefined
    const underWay = flights.get(key)
    const flight = underWay ?? fly(key, start)
    if (!underWay) flights.set(key, flight)
    return signal ? orAborted(flight, signal) : flight
  }
}

/**
 * Callers during a run share the next one and none joins the run under way, so `action` always begins after
 * the call: a sync that begins after a write covers it. Each caller gets the failure of its own run.
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
