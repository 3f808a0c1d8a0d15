/**
 * Gives background work a share of the only thread: after each piece of work, nothing runs for several times as long as
 * that piece took. Limits on numbers would not do, since they say nothing about how long something takes.
 */
import { delay } from './delay.ts'
import { createSemaphore } from './semaphore.ts'

export interface TimeShare {
  /** Runs `work` alone, once earlier work is paid for. Rejects with the signal's reason if that aborts first. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

/** Milliseconds that may be spent in advance, so that short requests are answered at once. */
const ADVANCE_MS = 50

/** @param share - of the time, such as 1/5 */
export function createTimeShare(share: number): TimeShare {
  const semaphore = createSemaphore(1)
  let paidUntil = 0

  async function spend<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const debt = paidUntil - performance.now() - ADVANCE_MS
    if (debt > 0) await delay(debt, signal)
    signal.throwIfAborted()
    const start = performance.now()
    try {
      return await work()
    } finally {
      paidUntil = Math.max(paidUntil, start) + (performance.now() - start) / share
    }
  }

  return { run: (work, signal) => semaphore.run(() => spend(work, signal), signal) }
}
