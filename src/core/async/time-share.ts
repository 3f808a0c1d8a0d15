/**
 * A share of the only thread: work is done piece by piece, and after each piece nothing of it for several times as long
 * as that took. Apart from bounds by number, which do not tell how long something takes.
 */
import { delay } from './delay.ts'
import { createSemaphore } from './semaphore.ts'

export interface TimeShare {
  /** Runs `work` when it is its turn. Rejects with the signal's reason where that aborts before. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

/** Milliseconds that may be spent ahead: short questions are answered at once. */
const AHEAD = 50

/** @param part - of the time, at the most, such as a fifth */
export function createTimeShare(part: number): TimeShare {
  const turns = createSemaphore(1)
  let paidUntil = 0

  async function spend<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const owed = paidUntil - performance.now() - AHEAD
    if (owed > 0) await delay(owed, signal)
    signal.throwIfAborted()
    const start = performance.now()
    try {
      return await work()
    } finally {
      paidUntil = Math.max(paidUntil, start) + (performance.now() - start) / part
    }
  }

  return { run: (work, signal) => turns.run(() => spend(work, signal), signal) }
}
