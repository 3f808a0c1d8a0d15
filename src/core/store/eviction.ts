/**
 * Keeps what came from peers within a budget: what was used least recently goes first. What was pushed, what is kept
 * and what either needs never goes.
 *
 * Everything goes in the way of a deletion, one digest at a time under its lock, and the catalog says once more in the
 * same transaction that it may: so neither a crash nor a push or pull at the same time finds anything half gone. A
 * digest that is locked is in use and is passed over, so nothing ever waits here for whoever waits for room.
 */

import type { KeyedMutex } from '../async/keyed-mutex.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { CachedBlob, CachedImage, Limits, Served } from '../catalog/eviction.ts'
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import type { Arriving } from './arriving.ts'
import type { BlobStore } from './blobs.ts'
import { RECENT, type Uses } from './last-used.ts'
import { leastRecent } from './least-recent.ts'

export interface Eviction {
  /** Bytes that what came from peers may take, kept images and what is on its way here included; `null`: any. */
  readonly budget: number | null
  setBudget(bytes: number | null): void
  /** Removes until so many bytes are left of what came from peers, or until nothing more may go. Gives the bytes freed. */
  evict(options: { readonly to: number }): Promise<number>
  /**
   * Never evicts this image, nor what it needs, which may come back from peers from then on, if it was deleted. `false`
   * where the repository does not hold it.
   */
  keep(repository: string, digest: Digest): Promise<boolean>
  /** Takes `keep` back. `false` where the repository does not hold it. */
  release(repository: string, digest: Digest): Promise<boolean>
  /** Brings all of it within the budget. `false` where too much of it may not go. */
  fit(): Promise<boolean>
  /** Something has come: the budget is seen to a little later, in the background. Waits for nothing. */
  wake(): void
  close(): Promise<void>
}

export interface EvictionDeps {
  readonly catalog: Catalog
  readonly blobs: Pick<BlobStore, 'release'>
  readonly locks: Pick<KeyedMutex, 'isHeld'>
  readonly uses: Uses
  /** What is on its way here from peers. */
  readonly arriving: Pick<Arriving, 'digests' | 'bytes'>
  readonly budget: number | null
  readonly log: Log
}

/** From the last arrival to the look at the budget, in milliseconds. */
const DELAY = 1000

/** How long a push may count on what it has found here, in milliseconds. */
const PUSHING = 60 * 60_000

/** Blobs of an image removed side by side, so that they share the syncs of the catalog. */
const AT_ONCE = 16

export function createEviction(parts: EvictionDeps): Eviction {
  const { catalog, blobs, locks, uses, arriving, log } = parts
  let { budget } = parts
  let timer: ReturnType<typeof setTimeout> | undefined
  let last: Promise<unknown> = Promise.resolve()
  let isClosed = false

  const limits = (): Limits => {
    const now = Date.now()
    return { recent: now - RECENT, pushing: now - PUSHING, arriving: arriving.digests() }
  }

  const isInUse = (digest: Digest) => locks.isHeld(digest) || uses.isRecent(digest)

  /** Bytes freed; `undefined` where it stays. */
  async function removeBlob(digest: Digest): Promise<number | undefined> {
    if (isInUse(digest)) return undefined
    const { result, freed } = await blobs.release(digest, (queries) =>
      queries.keeping.unlinkLoose(digest, limits()),
    )
    return result ? freed : undefined
  }

  /** With what refers to it and the blobs that only they need. Bytes freed; `undefined` where it stays. */
  async function removeImage({ repository, digest }: Served): Promise<number | undefined> {
    if (isInUse(digest)) return undefined
    const { result, freed } = await blobs.release(digest, (queries) =>
      queries.keeping.removeImage({ repository, digest }, limits()),
    )
    if (!result) return undefined
    let total = freed
    for (const referrer of result.referrers) {
      total += (await removeImage({ repository, digest: referrer })) ?? 0
    }
    for (let first = 0; first < result.needs.length; first += AT_ONCE) {
      const removed = await Promise.all(result.needs.slice(first, first + AT_ONCE).map(removeBlob))
      for (const bytes of removed) total += bytes ?? 0
    }
    return total
  }

  const remove = (candidate: CachedImage | CachedBlob) =>
    'repository' in candidate ? removeImage(candidate) : removeBlob(candidate.digest)

  /** What goes frees what it held, so it is gone through again for as long as anything goes. */
  async function run(to: number): Promise<number> {
    await uses.flush()
    let freed = 0
    for (let isDone = false; !isDone; ) {
      isDone = true
      for await (const candidate of leastRecent(catalog.keeping, limits())) {
        if (isClosed || (await catalog.keeping.cachedBytes()) <= to) return freed
        const bytes = await remove(candidate)
        if (bytes === undefined) continue
        freed += bytes
        isDone = false
      }
    }
    return freed
  }

  const keeping: Eviction = {
    get budget() {
      return budget
    },

    setBudget(bytes) {
      budget = bytes
      keeping.wake()
    },

    evict({ to }) {
      const turn = last.then(() => run(to))
      last = turn.catch(() => {})
      return turn
    },

    keep: (repository, digest) =>
      catalog.transaction(async (queries) => {
        const isKept = await queries.keeping.keep(repository, digest)
        if (isKept) await queries.deletions.endFor(repository, digest)
        return isKept
      }),

    release: (repository, digest) =>
      catalog.transaction((queries) => queries.keeping.release(repository, digest)),

    fit: async () => !(await shrink()),

    wake: () => seeTo(DELAY),

    async close() {
      isClosed = true
      clearTimeout(timer)
      await last
      await uses.close()
    },
  }

  /** What was used too recently to go is looked at once more. */
  function seeTo(delay: number): void {
    if (budget === null || isClosed) return
    clearTimeout(timer)
    timer = setTimeout(async () => {
      try {
        if ((await shrink()) && delay < RECENT) seeTo(RECENT + DELAY)
      } catch (error) {
        log.warn('the cache was not brought within its budget', { err: error })
      }
    }, delay)
  }

  /** Whether it is still over the budget afterwards. */
  async function shrink(): Promise<boolean> {
    if (budget === null) return false
    const left = budget - arriving.bytes() - (await catalog.downloads.waitingBytes())
    const isOver = async () => (await catalog.keeping.cachedBytes()) > left
    if (!(await isOver())) return false
    const bytes = await keeping.evict({ to: Math.max(0, left) })
    if (bytes > 0) log.info('cache brought towards its budget', { bytes, budget })
    return isOver()
  }

  return keeping
}
