/** One piece of work for all who ask for the same thing at the same time. */
import { LRUCache } from 'lru-cache'
import { orAborted } from './question.ts'

/**
 * Joins the flight of this key, or starts it. Whoever's signal aborts leaves; the flight goes on. `undefined` is
 * remembered for a second, so that a burst of misses costs one question.
 */
export type JoinFlight<T> = (
  key: string,
  start: () => Promise<T | undefined>,
  signal?: AbortSignal | undefined,
) => Promise<T | undefined>

/** Milliseconds. */
const REMEMBERED = 1000

/** Counted by their size, as room for `max` would be taken at once. */
const MISSES = { maxSize: 10_000, sizeCalculation: () => 1, ttl: REMEMBERED }

export function createFlights<T>(): JoinFlight<T> {
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
