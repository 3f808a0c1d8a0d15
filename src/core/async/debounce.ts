/**
 * Puts work off until a burst of calls is over, so that what is done in the background takes nothing from the pushes
 * that cause it; for a burst without end, only for so long.
 */

/** Milliseconds without a call. */
const QUIET = 300

/** Milliseconds from the first call on. */
const LONGEST = 10_000

export interface Debounce {
  /** There is work. */
  call(): void
  /** It will not be done. */
  close(): void
}

export function createDebounce(work: () => void): Debounce {
  let quiet: ReturnType<typeof setTimeout> | undefined
  let latest: ReturnType<typeof setTimeout> | undefined

  function stop(): void {
    clearTimeout(quiet)
    clearTimeout(latest)
    latest = undefined
  }

  function act(): void {
    stop()
    work()
  }

  return {
    call() {
      clearTimeout(quiet)
      quiet = setTimeout(act, QUIET)
      latest ??= setTimeout(act, LONGEST)
    },
    close: stop,
  }
}
