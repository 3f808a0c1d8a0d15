/**
 * The swarm while the registry is already answering but has not joined yet: a start need not wait for it. Whoever asks
 * then waits as long as for peers that do not have it.
 */
import type { Elsewhere } from '../store/elsewhere.ts'
import { pause } from './pause.ts'

export interface LaterElsewhere extends Elsewhere {
  /** It is there from now on; `undefined`: it will never be. */
  settle(elsewhere: Elsewhere | undefined): void
}

/** @param timeout - milliseconds that a question waits for the swarm to be joined */
export function createLaterElsewhere(timeout: number): LaterElsewhere {
  let there: Elsewhere | undefined
  let isSettled = false
  const settled = Promise.withResolvers<void>()

  async function joined(): Promise<Elsewhere | undefined> {
    if (isSettled) return there
    const waiting = new AbortController()
    await Promise.race([settled.promise, pause(timeout, waiting.signal)])
    waiting.abort()
    return there
  }

  return {
    settle(elsewhere) {
      there = elsewhere
      isSettled = true
      settled.resolve()
    },
    blob: async (...asked) => (await joined())?.blob(...asked),
    manifest: async (...asked) => (await joined())?.manifest(...asked),
    tag: async (...asked) => (await joined())?.tag(...asked),
    tagAge: () => there?.tagAge() ?? 0,
    look: async (...asked) => (await joined())?.look(...asked),
    referrers: async (...asked) => (await joined())?.referrers(...asked),
  }
}
