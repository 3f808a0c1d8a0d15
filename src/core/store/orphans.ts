/**
 * Lets go of blobs that no manifest needs, whoever gave them: what an interrupted push or pull left behind. They go like
 * what is evicted: each under the lock of its digest, by a transaction that says once more that it may.
 */

import type { KeyedMutex } from '../async/keyed-mutex.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { ORPHANS_PAGE, type Orphan, type OrphanRule } from '../catalog/orphans.ts'
import type { BlobStore } from './blobs.ts'
import type { Uses } from './last-used.ts'
import type { Pushes } from './pushes.ts'

export interface Unwanted {
  /** Nobody has pushed, mounted or asked for them since: milliseconds since 1970. */
  readonly since: number
  /** Only those of this repository. */
  readonly repository?: string | undefined
}

export interface Orphans {
  /** Gives the bytes freed. */
  free(unwanted: Unwanted): Promise<number>
  /** The bytes that would be freed now. */
  bytes(unwanted: Unwanted): Promise<number>
  /** The bytes of all, in one repository or any. */
  all(repository?: string): Promise<number>
}

export interface OrphansParts {
  readonly catalog: Catalog
  readonly blobs: Pick<BlobStore, 'release'>
  readonly locks: Pick<KeyedMutex, 'isHeld'>
  readonly uses: Pick<Uses, 'flush'>
  readonly pushes: Pick<Pushes, 'since'>
  /** Milliseconds from one request of a push to the next, at most, for all that they need is spared meanwhile. */
  readonly quiet: number
}

/** Removed side by side, so that they share the syncs of the catalog. */
const AT_ONCE = 16

export function createOrphans({ catalog, blobs, locks, uses, pushes, quiet }: OrphansParts): Orphans {
  const ruleOf = ({ since, repository }: Unwanted): OrphanRule => ({
    unusedSince: since,
    spared: pushes.since(Date.now() - quiet),
    repository,
  })

  async function remove({ digest }: Orphan, unwanted: Unwanted): Promise<number> {
    if (locks.isHeld(digest)) return 0
    const unlink = await blobs.release(digest, (queries) => queries.orphans.unlink(digest, ruleOf(unwanted)))
    return unlink.freed
  }

  return {
    async free(unwanted) {
      await uses.flush()
      let freed = 0
      for (let last = 0; ; ) {
        const page = await catalog.orphans.list(last, ruleOf(unwanted))
        for (let first = 0; first < page.length; first += AT_ONCE) {
          const some = page.slice(first, first + AT_ONCE)
          for (const bytes of await Promise.all(some.map((orphan) => remove(orphan, unwanted))))
            freed += bytes
        }
        if (page.length < ORPHANS_PAGE) return freed
        last = page.at(-1)!.id
      }
    },

    async bytes(unwanted) {
      await uses.flush()
      return catalog.orphans.bytes(ruleOf(unwanted))
    },

    all: (repository) =>
      catalog.orphans.bytes({ unusedSince: Number.MAX_SAFE_INTEGER, spared: [], repository }),
  }
}
