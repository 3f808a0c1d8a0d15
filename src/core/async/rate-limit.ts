/** Delays callers that come too often, so that what they ask for takes no more than a share of the time. */
import { delay } from './delay.ts'

export interface Rate {
  readonly perSecond: number
  /** Calls that are not delayed after a while without any. */
  readonly burst: number
}

/** Resolves when the caller may go on; never in the same tick, so that others run in between. */
export type RateLimiter = (caller: string) => Promise<void>

/** @param each - the rate of one caller @param total - that of all callers together */
export function createRateLimiter(each: Rate, total: Rate): RateLimiter {
  /** The next time for each caller, in milliseconds; the callers that waited longest come first. */
  const times = new Map<string, number>()
  let totalTime = 0

  function nextTimeOf(caller: string, now: number): number {
    const time = nextTime(times.get(caller) ?? 0, each, now)
    times.delete(caller)
    times.set(caller, time)
    // A caller whose burst is full again is forgotten, since it would be treated as a new one.
    for (const [other, otherTime] of times) {
      if (otherTime > now - (1000 * each.burst) / each.perSecond) break
      times.delete(other)
    }
    return time
  }

  return async (caller) => {
    const now = performance.now()
    const callerTime = nextTimeOf(caller, now)
    totalTime = nextTime(totalTime, total, now)
    await delay(Math.max(0, callerTime - now, totalTime - now), new AbortController().signal)
  }
}

/** The time after `time`, in milliseconds: no earlier than a full burst allows. */
const nextTime = (time: number, { perSecond, burst }: Rate, now: number): number =>
  Math.max(time, now - (1000 * burst) / perSecond) + 1000 / perSecond
