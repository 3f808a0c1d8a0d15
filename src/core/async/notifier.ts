/** Wakes whoever waits for something to change. Who is woken looks for himself what it was. */

export interface Notifier {
  notify(): void
  /** Resolves at the next ring, or after `limit` milliseconds. */
  wait(limit?: number): Promise<void>
}

export function createNotifier(): Notifier {
  const waiting = new Set<() => void>()
  return {
    notify() {
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
