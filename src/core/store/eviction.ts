/**
 * Keeps what came from peers within a budget: what was used least recently goes first. What was pushed, what the user
 * keeps, and what either of them needs never goes.
 *
 * Everything goes as in a deletion: one digest at a time under its lock, and the transaction that removes it checks
 * again that it may go. So neither a crash nor a push or pull at the same time finds an image half gone. A digest whose
 * lock is held is in use and is passed over, so eviction never waits for a request that waits for free space.
 */
import type { KeyedMutex } from '../async/mutex.ts'
import { createSerial } from '../async/mutex.ts'
import type { Catalog } from '../catalog/catalog.ts'
import {
  type CachedBlob,
  type CachedImage,
  EVICTION_PAGE,
  type EvictionLimits,
  type Served,
  type UseCursor,
} from '../catalog/eviction.ts'
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import type { ActiveDownloads } from './active-downloads.ts'
import type { BlobStore } from './blobs.ts'
import { type LastUsed, RECENT_USE_MS } from './last-used.ts'

export interface Eviction {
  /** Bytes that what came from peers may take, including kept images and active downloads; `null` for no limit. */
  readonly budget: number | null
  setBudget(bytes: number | null): void
  /** Removes until so many bytes from peers are left, or until nothing more may go. Returns the bytes freed. */
  evict(options: { readonly to: number }): Promise<number>
  /**
   * Never evicts this image nor what it needs. If they were deleted, they may come back from peers from now on. `false`
   * if the repository does not hold the image.
   */
  keep(repository: string, digest: Digest): Promise<boolean>
  /** Undoes `keep`. `false` if the repository does not hold the image. */
  release(repository: string, digest: Digest): Promise<boolean>
  /** Evicts until the budget is met. `false` if too much may not go. */
  enforceBudget(): Promise<boolean>
  /** Something has come in: the budget is enforced a little later, in the background. */
  wake(): void
  close(): Promise<void>
}

export interface EvictionDeps {
  readonly catalog: Catalog
  readonly blobs: Pick<BlobStore, 'release'>
  readonly locks: Pick<KeyedMutex, 'isHeld'>
  readonly lastUsed: LastUsed
  readonly activeDownloads: Pick<ActiveDownloads, 'digests' | 'bytes'>
  readonly budget: number | null
  readonly log: Log
}

/** Milliseconds from the last change until the budget is enforced. */
const DELAY_MS = 1000

/** Milliseconds for which a push may rely on what it has found here. */
const PUSH_MS = 60 * 60_000

/** Blobs of an image removed in parallel, so that they share the catalog's syncs. */
const PARALLEL_REMOVALS = 16

export const createEviction = (deps: EvictionDeps): Eviction => new LeastRecentlyUsed(deps)

class LeastRecentlyUsed implements Eviction {
  readonly #deps: EvictionDeps
  readonly #serially = createSerial()
  #budget: number | null
  #timer: ReturnType<typeof setTimeout> | undefined
  #isClosed = false

  constructor(deps: EvictionDeps) {
    this.#deps = deps
    this.#budget = deps.budget
  }

  get budget(): number | null {
    return this.#budget
  }

  setBudget(bytes: number | null): void {
    this.#budget = bytes
    this.wake()
  }

  evict({ to }: { readonly to: number }): Promise<number> {
    return this.#serially(() => this.#evict(to))
  }

  keep(repository: string, digest: Digest): Promise<boolean> {
    return this.#deps.catalog.transaction(async (queries) => {
      const isKept = await queries.eviction.keep(repository, digest)
      if (isKept) await queries.deletions.endFor(repository, digest)
      return isKept
    })
  }

  release(repository: string, digest: Digest): Promise<boolean> {
    return this.#deps.catalog.transaction((queries) => queries.eviction.release(repository, digest))
  }

  async enforceBudget(): Promise<boolean> {
    if (this.#budget === null) return true
    const { activeDownloads, catalog, log } = this.#deps
    const left = this.#budget - activeDownloads.bytes() - (await catalog.downloads.waitingBytes())
    const isWithin = async () => (await catalog.eviction.cachedBytes()) <= left
    if (await isWithin()) return true
    const bytes = await this.evict({ to: Math.max(0, left) })
    if (bytes > 0)
      log.info('evicted images from peers to stay within the budget', { bytes, budget: this.#budget })
    return isWithin()
  }

  wake(): void {
    this.#enforceIn(DELAY_MS)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#serially(async () => {})
    await this.#deps.lastUsed.close()
  }

  /** Tries again when what was used too recently to go may go. */
  #enforceIn(delay: number): void {
    if (this.#budget === null || this.#isClosed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(async () => {
      try {
        const isWithin = await this.enforceBudget()
        if (!isWithin && delay < RECENT_USE_MS) this.#enforceIn(RECENT_USE_MS + DELAY_MS)
      } catch (error) {
        this.#deps.log.warn('images from peers could not be evicted', { err: error })
      }
    }, delay)
  }

  /** What goes releases what it held, so the candidates are gone through again until none of them goes. */
  async #evict(to: number): Promise<number> {
    const { catalog, lastUsed } = this.#deps
    await lastUsed.flush()
    let freed = 0
    for (let isDone = false; !isDone; ) {
      isDone = true
      for await (const candidate of leastRecent(catalog.eviction, this.#limits())) {
        if (this.#isClosed || (await catalog.eviction.cachedBytes()) <= to) return freed
        const bytes = await this.#remove(candidate)
        if (bytes === undefined) continue
        freed += bytes
        isDone = false
      }
    }
    return freed
  }

  #remove(candidate: CachedImage | CachedBlob): Promise<number | undefined> {
    return 'repository' in candidate ? this.#removeImage(candidate) : this.#removeBlob(candidate.digest)
  }

  /** Returns the bytes freed; `undefined` if it stays. */
  async #removeBlob(digest: Digest): Promise<number | undefined> {
    if (this.#isInUse(digest)) return undefined
    const { result, freed } = await this.#deps.blobs.release(digest, (queries) =>
      queries.eviction.unlinkLoose(digest, this.#limits()),
    )
    return result ? freed : undefined
  }

  /** Includes its referrers and the blobs that only they need. Returns the bytes freed; `undefined` if it stays. */
  async #removeImage({ repository, digest }: Served): Promise<number | undefined> {
    if (this.#isInUse(digest)) return undefined
    const { result, freed } = await this.#deps.blobs.release(digest, (queries) =>
      queries.eviction.removeImage({ repository, digest }, this.#limits()),
    )
    if (!result) return undefined
    let total = freed
    for (const referrer of result.referrers) {
      total += (await this.#removeImage({ repository, digest: referrer })) ?? 0
    }
    for (let first = 0; first < result.needs.length; first += PARALLEL_REMOVALS) {
      const some = result.needs.slice(first, first + PARALLEL_REMOVALS)
      for (const bytes of await Promise.all(some.map((blob) => this.#removeBlob(blob)))) total += bytes ?? 0
    }
    return total
  }

  #isInUse(digest: Digest): boolean {
    return this.#deps.locks.isHeld(digest) || this.#deps.lastUsed.isRecent(digest)
  }

  #limits(): EvictionLimits {
    const now = Date.now()
    return {
      recent: now - RECENT_USE_MS,
      pushing: now - PUSH_MS,
      downloading: this.#deps.activeDownloads.digests(),
    }
  }
}

type Candidates = Pick<Catalog['eviction'], 'images' | 'blobs'>

/** Images and loose blobs that may go, least recently used first. The list may lag behind changes made meanwhile. */
async function* leastRecent(
  candidates: Candidates,
  limits: EvictionLimits,
): AsyncGenerator<CachedImage | CachedBlob> {
  const images = evictable((last) => candidates.images(last, limits))
  const blobs = evictable((last) => candidates.blobs(last, limits))
  let [image, blob] = [await images.next(), await blobs.next()]
  while (!image.done || !blob.done) {
    if (blob.done || (!image.done && image.value.usedAt <= blob.value.usedAt)) {
      yield image.value as CachedImage
      image = await images.next()
    } else {
      yield blob.value
      blob = await blobs.next()
    }
  }
}

async function* evictable<T extends UseCursor & { readonly mayGo: boolean }>(
  list: (last: UseCursor) => Promise<T[]>,
): AsyncGenerator<T, undefined> {
  let last: UseCursor = { usedAt: -1, id: 0 }
  for (;;) {
    const page = await list(last)
    yield* page.filter(({ mayGo }) => mayGo)
    if (page.length < EVICTION_PAGE) return
    last = page.at(-1)!
    await yieldToOthers()
  }
}

/** Some databases answer without ever returning to the event loop. */
const yieldToOthers = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
