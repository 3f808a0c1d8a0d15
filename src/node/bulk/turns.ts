/** Turns: at most so many at a time, the others wait in the order in which they came. */

export interface Turns {
  /** The turn ends when it is disposed of. Rejects when the signal aborts first. */
  take(signal?: AbortSignal): Promise<Disposable>
}

export function createTurns(most: number): Turns {
  const waiting = new Set<() => void>()
  let taken = 0

  const wait = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.delete(enter)
        reject(signal!.reason)
      }
      const enter = (): void => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      signal?.addEventListener('abort', leave, { once: true })
      waiting.add(enter)
    })

  /** A turn that ends passes to who waits longest. */
  function end(): void {
    const [enter] = waiting
    if (!enter) taken--
    else {
      waiting.delete(enter)
      enter()
    }
  }

  return {
    async take(signal) {
      signal?.throwIfAborted()
      if (taken < most) taken++
      else await wait(signal)
      return { [Symbol.dispose]: end }
    },
  }
}
