/**
 * What needs the swarm while the registry is already answering but has not joined yet: a start need not wait for it.
 * Whoever asks then waits as long as for peers that do not have it.
 */
import type { Elsewhere } from '../store/elsewhere.ts'
import { pause } from './pause.ts'

export interface Later<T> {
  /** It is there from now on; `undefined`: it will never be. */
  settle(value: T | undefined): void
  /** As far as it is there now. */
  readonly there: T | undefined
  /** `undefined` also where it takes too long. */
  joined(): Promise<T | undefined>
}

export interface LaterElsewhere extends Elsewhere, Pick<Later<Elsewhere>, 'settle'> {}

/** @param timeout - milliseconds that a question waits for the swarm to be joined */
export function createLater<T>(timeout: number): Later<T> {
  let there: T | undefined
  let isSettled = false
  const settled = Promise.withResolvers<void>()
  return {
    get there() {
      return there
    },
    settle(value) {
      there = value
      isSettled = true
      settled.resolve()
    },
    async joined() {
      if (isSettled) return there
      const waiting = new AbortController()
      await Promise.race([settled.promise, pause(timeout, waiting.signal)])
      waiting.abort()
      return there
    },
  }
}

/** @param timeout - as of {@link createLater} */
export function createLaterElsewhere(timeout: number): LaterElsewhere {
  const later = createLater<Elsewhere>(timeout)
  const { settle, joined } = later
  return {
    settle,
    blob: async (...asked) => (await joined())?.blob(...asked),
    manifest: async (...asked) => (await joined())?.manifest(...asked),
    tag: async (...asked) => (await joined())?.tag(...asked),
    tagAge: () => later.there?.tagAge() ?? 0,
    look: async (...asked) => (await joined())?.look(...asked),
    referrers: async (...asked) => (await joined())?.referrers(...asked),
  }
}
