/** Work that must not interleave: by key, such as one digest or one upload, or all of it. */

export interface KeyedMutex {
  /** Runs `work` when all earlier work on `key` has ended. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>
  isHeld(key: string): boolean
}

export function createKeyedMutex(): KeyedMutex {
  const tails = new Map<string, Promise<unknown>>()
  return {
    async run(key, work) {
      const previous = tails.get(key)
      const current = previous ? previous.then(work, work) : work()
      tails.set(key, current)
      try {
        return await current
      } finally {
        if (tails.get(key) === current) tails.delete(key)
      }
    },

    isHeld: (key) => tails.has(key),
  }
}

/** A mutex for all work: each begins when the work before it has ended, whether that succeeded or failed. */
export type Serial = <T>(work: () => Promise<T>) => Promise<T>

export function createSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }
}
