/**
 * Which repositories are being pushed to. No manifest needs what a push sends before its manifest, and that must not be
 * mistaken for what an abandoned push has left behind.
 */
import { LRUCache } from 'lru-cache'

export interface Pushes {
  /** Runs a request of a push. */
  during<T>(repository: string, work: () => Promise<T>): Promise<T>
  /** A client has found a blob there that it may leave out of its push. */
  note(repository: string): void
  /** Repositories that are pushed to, or were since `time` (milliseconds since 1970). */
  since(time: number): string[]
}

/** Repositories whose last push is remembered. It matters for seconds. */
const MAX_REPOSITORIES = 4096

export function createPushes(): Pushes {
  const running = new Map<string, number>()
  const latest = new LRUCache<string, number>({ maxSize: MAX_REPOSITORIES, sizeCalculation: () => 1 })
  const pushes: Pushes = {
    async during(repository, work) {
      running.set(repository, (running.get(repository) ?? 0) + 1)
      try {
        return await work()
      } finally {
        const left = running.get(repository)! - 1
        if (left > 0) running.set(repository, left)
        else running.delete(repository)
        pushes.note(repository)
      }
    },

    note: (repository) => void latest.set(repository, Date.now()),

    since: (time) => {
      const recent = [...latest.entries()].filter(([, at]) => at > time).map(([repository]) => repository)
      return [...new Set([...running.keys(), ...recent])]
    },
  }
  return pushes
}
