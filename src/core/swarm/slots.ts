/** So many at once; others wait for their turn. */

export interface Slots {
  /** Runs `work` when it is its turn. Rejects with the signal's reason where that aborts before. */
  hold<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

export function createSlots(count: number): Slots {
  const waiting = new Set<() => void>()
  let free = count

  const turn = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiting.delete(begin)
        reject(signal.reason)
      }
      const begin = () => {
        signal.removeEventListener('abort', leave)
        waiting.delete(begin)
        resolve()
      }
      waiting.add(begin)
      signal.addEventListener('abort', leave, { once: true })
    })

  return {
    async hold(work, signal) {
      signal.throwIfAborted()
      if (free > 0) free--
      else await turn(signal)
      try {
        return await work()
      } finally {
        const [next] = waiting
        if (next) next()
        else free++
      }
    },
  }
}
