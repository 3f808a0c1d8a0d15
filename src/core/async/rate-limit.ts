/** Makes whoever is in a hurry wait, so that what he asks for takes no more than a share of the time. */
import { delay } from './delay.ts'

export interface Rate {
  readonly perSecond: number
  /** So many at once, after a while without any. */
  readonly burst: number
}

/** Resolves when it is the turn of the next one; never in the same tick, so that others get theirs. */
export type RateLimiter = (who: string) => Promise<void>

/** @param one - of each @param all - of all together */
export function createRateLimiter(one: Rate, all: Rate): RateLimiter {
  const turns = new Map<string, number>()
  let turnOfAll = 0

  function turnOf(who: string, now: number): number {
    const turn = after(turns.get(who) ?? 0, one, now)
    turns.delete(who)
    turns.set(who, turn)
    // Who has waited out his turn counts as one who never came.
    for (const [other, time] of turns) {
      if (time > now - (1000 * one.burst) / one.perSecond) break
      turns.delete(other)
    }
    return turn
  }

  return async (who) => {
    const now = performance.now()
    const own = turnOf(who, now)
    turnOfAll = after(turnOfAll, all, now)
    await delay(Math.max(0, own - now, turnOfAll - now), new AbortController().signal)
  }
}

/** Milliseconds: when the one after `turn` may be. */
const after = (turn: number, { perSecond, burst }: Rate, now: number): number =>
  Math.max(turn, now - (1000 * burst) / perSecond) + 1000 / perSecond
