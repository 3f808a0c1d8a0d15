/**
 * Postpones work until a burst of calls is over, so that background work takes nothing from the pushes that cause it. A
 * burst without an end postpones it only up to a limit.
 */

const QUIET_MS = 300

/** From the first call on. */
const MAX_DELAY_MS = 10_000

export interface Debounce {
  /** There is work to do. */
  call(): void
  /** Cancels work that has not begun. */
  close(): void
}

export function createDebounce(work: () => void): Debounce {
  let quietTimer: ReturnType<typeof setTimeout> | undefined
  let limitTimer: ReturnType<typeof setTimeout> | undefined

  function stop(): void {
    clearTimeout(quietTimer)
    clearTimeout(limitTimer)
    limitTimer = undefined
  }

  function run(): void {
    stop()
    work()
  }

  return {
    call() {
      clearTimeout(quietTimer)
      quietTimer = setTimeout(run, QUIET_MS)
      limitTimer ??= setTimeout(run, MAX_DELAY_MS)
    },
    close: stop,
  }
}
