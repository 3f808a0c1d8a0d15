/** Locks by key, for work on one digest or one upload that must not interleave. */

export interface KeyedMutex {
  /** Runs `work` when all earlier work on `key` has ended. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>
  isHeld(key: string): boolean
}

export function createKeyedMutex(): KeyedMutex {
  const tails = new Map<string, Promise<unknown>>()
  return {
    async run(key, work) {
      const before = tails.get(key)
      const mine = before ? before.then(work, work) : work()
      tails.set(key, mine)
      try {
        return await mine
      } finally {
        if (tails.get(key) === mine) tails.delete(key)
      }
    },

    isHeld: (key) => tails.has(key),
  }
}
