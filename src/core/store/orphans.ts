/**
 * Removes blobs that no manifest needs, pushed or pulled: what an interrupted push or pull left behind. As in eviction,
 * each goes under the lock of its digest, in a transaction that checks again that it may.
 */

import type { KeyedMutex } from '../async/mutex.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { ORPHANS_PAGE, type Orphan, type OrphanRule } from '../catalog/orphans.ts'
import type { BlobStore } from './blobs.ts'
import type { LastUsed } from './last-used.ts'
import type { Pushes } from './pushes.ts'

export interface OrphanFilter {
  /** Only those that were not pushed, mounted or requested since then: milliseconds since 1970. */
  readonly since: number
  /** Only those of this repository. */
  readonly repository?: string | undefined
}

export interface Orphans {
  /** Returns the bytes freed. */
  free(filter: OrphanFilter): Promise<number>
  /** The bytes that `free` would free now. */
  bytes(filter: OrphanFilter): Promise<number>
  /** The bytes of all orphans, in one repository or in any. */
  all(repository?: string): Promise<number>
}

export interface OrphansDeps {
  readonly catalog: Catalog
  readonly blobs: Pick<BlobStore, 'release'>
  readonly locks: Pick<KeyedMutex, 'isHeld'>
  readonly lastUsed: Pick<LastUsed, 'flush'>
  readonly pushes: Pick<Pushes, 'since'>
  /** The longest time from one request of a push to the next, in milliseconds. What the push needs is spared meanwhile. */
  readonly pushGapMs: number
}

/** Orphans removed in parallel, so that they share the catalog's syncs. */
const PARALLEL_REMOVALS = 16

export function createOrphans({ catalog, blobs, locks, lastUsed, pushes, pushGapMs }: OrphansDeps): Orphans {
  const ruleOf = ({ since, repository }: OrphanFilter): OrphanRule => ({
    unusedSince: since,
    spared: pushes.since(Date.now() - pushGapMs),
    repository,
  })

  async function remove({ digest }: Orphan, filter: OrphanFilter): Promise<number> {
    if (locks.isHeld(digest)) return 0
    const unlink = await blobs.release(digest, (queries) => queries.orphans.unlink(digest, ruleOf(filter)))
    return unlink.freed
  }

  return {
    async free(filter) {
      await lastUsed.flush()
      let freed = 0
      for (let last = 0; ; ) {
        const page = await catalog.orphans.list(last, ruleOf(filter))
        for (let first = 0; first < page.length; first += PARALLEL_REMOVALS) {
          const some = page.slice(first, first + PARALLEL_REMOVALS)
          for (const bytes of await Promise.all(some.map((orphan) => remove(orphan, filter)))) freed += bytes
        }
        if (page.length < ORPHANS_PAGE) return freed
        last = page.at(-1)!.id
      }
    },

    async bytes(filter) {
      await lastUsed.flush()
      return catalog.orphans.bytes(ruleOf(filter))
    },

    all: (repository) =>
      catalog.orphans.bytes({ unusedSince: Number.MAX_SAFE_INTEGER, spared: [], repository }),
  }
}
