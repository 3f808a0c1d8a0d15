/** Wakes whoever waits for something to change. Who is woken looks for himself what it was. */

export interface Bell {
  ring(): void
  /** Resolves at the next ring, or after `limit` milliseconds. */
  wait(limit?: number): Promise<void>
}

export function createBell(): Bell {
  const waiting = new Set<() => void>()
  return {
    ring() {
      for (const wake of waiting) wake()
      waiting.clear()
    },
    wait: (limit) =>
      new Promise((resolve) => {
        let timer: ReturnType<typeof setTimeout> | undefined
        const wake = () => {
          clearTimeout(timer)
          resolve()
        }
        waiting.add(wake)
        if (limit !== undefined) {
          timer = setTimeout(() => {
            waiting.delete(wake)
            resolve()
          }, limit)
        }
      }),
  }
}
