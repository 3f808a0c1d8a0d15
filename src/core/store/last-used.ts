/**
 * When blobs and manifests were used last. A pull only leaves a note; the notes are written together, a little later,
 * and one thing at most once a minute. A note that a crash takes makes something look older than it is, no more.
 */
import { LRUCache } from 'lru-cache'
import type { Catalog } from '../catalog/catalog.ts'
import type { Served } from '../catalog/eviction.ts'
import type { Digest } from '../oci/digest.ts'

export interface Uses {
  note(repository: string, digest: Digest): void
  /** Whether it was used within the last minute. */
  isRecent(digest: Digest): boolean
  /** Writes down what is noted. Never fails. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** How long what was used is spared, and how coarse the times are: milliseconds. */
export const RECENT = 60_000

const FLUSH_DELAY = 2000

/** Notes in one transaction, so that none takes long. */
const BATCH = 200

/** Counted by their size, as room for `max` would be taken at once. */
const KNOWN = { maxSize: 16_384, sizeCalculation: () => 1 }

export function createUses(catalog: Catalog): Uses {
  const latest = new LRUCache<Digest, number>(KNOWN)
  const noted = new LRUCache<string, number>(KNOWN)
  const pending: Served[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Of the last note: it may be written much later, where a platform stops timers. */
  let notedAt = 0

  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    while (pending.length > 0) {
      const batch = pending.splice(0, BATCH)
      const write = catalog.transaction((queries) => queries.keeping.touch(batch, notedAt), {
        durable: false,
      })
      await write.catch(() => {})
    }
  }

  return {
    note(repository, digest) {
      const now = Date.now()
      latest.set(digest, now)
      const key = `${repository} ${digest}`
      if (now - (noted.get(key) ?? 0) < RECENT) return
      noted.set(key, now)
      notedAt = now
      pending.push({ repository, digest })
      timer ??= setTimeout(flush, FLUSH_DELAY)
    },

    isRecent: (digest) => Date.now() - (latest.get(digest) ?? 0) < RECENT,
    flush,
    close: flush,
  }
}
