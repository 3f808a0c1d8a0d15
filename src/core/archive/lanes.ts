/**
 * Blobs on their way side by side: many small ones, since each costs a request or two whatever its size; large ones one
 * after the other, since together they are no faster, and take more memory.
 */

const MOST = 16

/** Bytes on their way at once, unless it is one blob. */
const ROOM = 8 * 1024 * 1024

export interface Lanes {
  /** Aborted when `signal` is, or one of them has failed. */
  readonly signal: AbortSignal
  /** Starts `work` on `size` bytes once there is room for it. @throws what one of them has failed with */
  start(size: number, work: () => Promise<void>): Promise<void>
  /** No more of them is started, and those under way are told. */
  fail(error: unknown): void
  /** Waits for all. @throws what the first of them has failed with */
  end(): Promise<void>
}

export function createLanes(outer: AbortSignal | undefined): Lanes {
  const failing = new AbortController()
  const signal = outer ? AbortSignal.any([outer, failing.signal]) : failing.signal
  const running = new Set<Promise<void>>()
  let bytes = 0
  const fail = (error: unknown) => failing.abort(error)
  return {
    signal,
    fail,
    async start(size, work) {
      while (running.size > 0 && (running.size >= MOST || bytes + size > ROOM)) await Promise.race(running)
      signal.throwIfAborted()
      bytes += size
      const lane = work()
        .catch(fail)
        .finally(() => {
          bytes -= size
          running.delete(lane)
        })
      running.add(lane)
    },
    async end() {
      await Promise.all(running)
      signal.throwIfAborted()
    },
  }
}
