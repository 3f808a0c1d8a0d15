/**
 * When blobs and manifests were last used. A pull only leaves a note. Notes are written together a little later, one
 * for each blob of a repository at most once a minute. If a crash loses notes, things look older than they are, no more.
 */
import { LRUCache } from 'lru-cache'
import type { Catalog } from '../catalog/catalog.ts'
import type { Served } from '../catalog/eviction.ts'
import type { Digest } from '../oci/digest.ts'

export interface LastUsed {
  note(repository: string, digest: Digest): void
  /** Whether it was used within the last minute. */
  isRecent(digest: Digest): boolean
  /** Writes the notes. Never fails. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** Milliseconds for which something is spared after a use, and the resolution of the times. */
export const RECENT_USE_MS = 60_000

const FLUSH_DELAY_MS = 2000

/** Notes written in one transaction, so that none takes long. */
const BATCH = 200

/** Entries are counted by `maxSize`, because `max` would allocate room for all of them at once. */
const REMEMBERED = { maxSize: 16_384, sizeCalculation: () => 1 }

export const createLastUsed = (catalog: Catalog): LastUsed => new UseNotes(catalog)

class UseNotes implements LastUsed {
  readonly #catalog: Catalog
  readonly #latest = new LRUCache<Digest, number>(REMEMBERED)
  readonly #noted = new LRUCache<string, number>(REMEMBERED)
  readonly #pending: Served[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  /** The time of the last note, because a platform that stops timers may write it much later. */
  #notedAt = 0

  constructor(catalog: Catalog) {
    this.#catalog = catalog
  }

  note(repository: string, digest: Digest): void {
    const now = Date.now()
    this.#latest.set(digest, now)
    const key = `${repository} ${digest}`
    if (now - (this.#noted.get(key) ?? 0) < RECENT_USE_MS) return
    this.#noted.set(key, now)
    this.#notedAt = now
    this.#pending.push({ repository, digest })
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_DELAY_MS)
  }

  isRecent(digest: Digest): boolean {
    return Date.now() - (this.#latest.get(digest) ?? 0) < RECENT_USE_MS
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0, BATCH)
      const write = this.#catalog.transaction((queries) => queries.eviction.touch(batch, this.#notedAt), {
        durable: false,
      })
      await write.catch(() => {})
    }
  }

  close(): Promise<void> {
    return this.flush()
  }
}
