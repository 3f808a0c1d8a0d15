/**
 * Whether a download is still wanted: while somebody waits for it or reads of it, and for ever where a manifest that is
 * here names the blob. What only a peer's word stands for ends soon after the last who waited has left, and until then
 * comes no further than a window.
 */

import { delay } from '../../async/delay.ts'
import { LEAF_SIZE } from '../../leaf.ts'
import { WINDOW } from './leaf-window.ts'

export interface InterestParts {
  /** Somebody waits for it or reads of it. */
  isAttended(): boolean
  /** A manifest that is here names it. */
  isVouched(): Promise<boolean>
  /** Called once. */
  onLost(): void
}

export interface Interest {
  /** So many bytes are to come: resolves when they may. */
  pass(bytes: number, signal: AbortSignal): Promise<void>
  close(): void
}

/** Milliseconds from the answer that tells a client of a blob until the client must have begun to read. */
const GRACE = 2000

/** Milliseconds from one look to the next. */
const LOOK = 250

export function createInterest({ isAttended, isVouched, onLost }: InterestParts): Interest {
  let attendedAt = performance.now()
  let isLooking = false
  let passed = 0

  const timer = setInterval(async () => {
    if (isAttended()) attendedAt = performance.now()
    if (isLooking || performance.now() - attendedAt < GRACE) return
    isLooking = true
    const isLost = !(await isVouched().catch(() => true)) && !isAttended()
    isLooking = false
    if (!isLost) return
    clearInterval(timer)
    onLost()
  }, LOOK)

  return {
    async pass(bytes, signal) {
      if (isAttended()) passed = 0
      passed += bytes
      while (passed > WINDOW * LEAF_SIZE && !isAttended() && !(await isVouched()) && !signal.aborted) {
        await delay(LOOK, signal)
      }
    },
    close: () => clearInterval(timer),
  }
}
