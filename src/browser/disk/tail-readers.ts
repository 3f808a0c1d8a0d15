/**
 * Those who read an upload closely behind its writer. Apart because they decide how fast it may go: to wait for them a
 * little costs far less than to let them read the same bytes from a file, which has to be closed first.
 */

/** Milliseconds after which somebody who has not read on no longer counts: he may be slow, or have left. */
const PATIENCE = 200

export interface Followers {
  /** Somebody has read from `position` up to `next`, and may go on from there. */
  move(position: number, next: number): void
  /** Resolves when nobody is before `limit` any more. One call at a time. */
  pass(limit: number): Promise<void>
}

export function createFollowers(): Followers {
  /** Where they go on, and when they got there. */
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

  function patienceFor(limit: number): number {
    const since = [...positions].filter(([position]) => position < limit).map(([, time]) => time)
    return Math.max(Number.NEGATIVE_INFINITY, ...since) + PATIENCE - performance.now()
  }

  return {
    move(position, next) {
      positions.delete(position)
      positions.set(next, performance.now())
      wake()
    },

    async pass(limit) {
      for (let left = patienceFor(limit); left > 0; left = patienceFor(limit)) await moved(left)
      for (const position of positions.keys()) if (position < limit) positions.delete(position)
    },
  }
}
