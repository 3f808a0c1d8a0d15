/** Wakes everyone who waits for a change. Waiters must check their condition again, since it does not say what changed. */

export interface Notifier {
  notify(): void
  /** Resolves at the next `notify`, or after `limit` milliseconds. */
  wait(limit?: number): Promise<void>
}

export function createNotifier(): Notifier {
  const waiters = new Set<() => void>()
  return {
    notify() {
      for (const wake of waiters) wake()
      waiters.clear()
    },
    wait: (limit) =>
      new Promise((resolve) => {
        let timer: ReturnType<typeof setTimeout> | undefined
        const wake = () => {
          clearTimeout(timer)
          resolve()
        }
        waiters.add(wake)
        if (limit !== undefined) {
          timer = setTimeout(() => {
            waiters.delete(wake)
            resolve()
          }, limit)
        }
      }),
  }
}
