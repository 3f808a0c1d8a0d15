/**
 * Readers that follow the writer of an upload closely. The writer waits for them a little, because that costs far less
 * than letting them read the same bytes from a file, which has to be closed first.
 */

/** A reader that has not read on for this long no longer counts: it may be slow, or gone. */
const MAX_IDLE_MS = 200

export interface TailReaders {
  /** A reader has read from `position` up to `next`, and may continue from there. */
  advance(position: number, next: number): void
  /** Resolves when no reader is before `limit` any longer. One call at a time. */
  waitUntilPast(limit: number): Promise<void>
}

export function createTailReaders(): TailReaders {
  /** Where each reader continues, and when it got there. */
  const positions = new Map<number, number>()
  let wake = (): void => {}

  const moved = (limit: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limit)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  function idleTimeLeft(limit: number): number {
    const since = [...positions].filter(([position]) => position < limit).map(([, time]) => time)
    return Math.max(Number.NEGATIVE_INFINITY, ...since) + MAX_IDLE_MS - performance.now()
  }

  return {
    advance(position, next) {
      positions.delete(position)
      positions.set(next, performance.now())
      wake()
    },

    async waitUntilPast(limit) {
      for (let left = idleTimeLeft(limit); left > 0; left = idleTimeLeft(limit)) await moved(left)
      for (const position of positions.keys()) if (position < limit) positions.delete(position)
    },
  }
}
