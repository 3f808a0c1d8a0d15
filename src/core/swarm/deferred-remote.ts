/**
 * What needs the swarm while the registry is already answering but has not joined yet: a start need not wait for it.
 * Whoever asks then waits as long as for peers that do not have it.
 */

import { delay } from '../async/delay.ts'
import type { Remote } from '../store/remote.ts'

export interface Deferred<T> {
  /** It is there from now on; `undefined`: it will never be. */
  resolve(value: T | undefined): void
  /** As far as it is there now. */
  readonly current: T | undefined
  /** `undefined` also where it takes too long. */
  joined(): Promise<T | undefined>
}

export interface DeferredRemote extends Remote, Pick<Deferred<Remote>, 'resolve'> {}

/** @param timeout - milliseconds that a question waits for the swarm to be joined */
export function createLater<T>(timeout: number): Deferred<T> {
  let there: T | undefined
  let isSettled = false
  const settled = Promise.withResolvers<void>()
  return {
    get current() {
      return there
    },
    resolve(value) {
      there = value
      isSettled = true
      settled.resolve()
    },
    async joined() {
      if (isSettled) return there
      const waiting = new AbortController()
      await Promise.race([settled.promise, delay(timeout, waiting.signal)])
      waiting.abort()
      return there
    },
  }
}

/** @param timeout - as of {@link createLater} */
export function createDeferredRemote(timeout: number): DeferredRemote {
  const later = createLater<Remote>(timeout)
  const { resolve: settle, joined } = later
  return {
    resolve: settle,
    blob: async (...asked) => (await joined())?.blob(...asked),
    manifest: async (...asked) => (await joined())?.manifest(...asked),
    tag: async (...asked) => (await joined())?.tag(...asked),
    tagAge: () => later.current?.tagAge() ?? 0,
    preview: async (...asked) => (await joined())?.preview(...asked),
    referrers: async (...asked) => (await joined())?.referrers(...asked),
  }
}
