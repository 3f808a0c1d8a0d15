/**
 * Blobs as repositories see them: the disk's bytes under the catalog's links, the two kept in agreement.
 *
 * A row in `blobs` is written only after its file is durable, and removed before its file is. In between, the
 * digest is in doubt, which is written down first: whatever moment a crash picks, no row is without its file,
 * and `recover` finds every file without a row.
 */

import type { KeyedMutex } from '../async/keyed-mutex.ts'
import type { Content, Disk } from '../blobs/ports.ts'
import type { Catalog, Queries } from '../catalog/catalog.ts'
import type { Digest } from '../oci/digest.ts'
import { RECENT, type Uses } from './last-used.ts'
import type { Pushes } from './pushes.ts'

export interface BlobStore {
  /** `undefined` where this repository does not serve it. */
  get(repository: string, digest: Digest): Promise<Content | undefined>
  /** Serves in `repository` what `from` serves (or any, if `undefined`). `false` where there is nothing to mount. */
  mount(repository: string, digest: Digest, from: string | undefined): Promise<boolean>
  /** Stops serving it here; the bytes go with the last repository that needs them. `false` if it was not here. */
  delete(repository: string, digest: Digest): Promise<boolean>
  /** Durable on return; where anything fails, neither a blob nor rows stay. */
  commit(digest: Digest, steps: Commit): Promise<void>
  /** Runs `change`, which may leave the blob without need, and lets go of the bytes if it did: `freed` of them. */
  release<T>(
    digest: Digest,
    change: (queries: Queries) => Promise<T>,
  ): Promise<{ readonly result: T; readonly freed: number }>
}

export interface BlobStoreParts {
  readonly disk: Disk
  readonly catalog: Catalog
  readonly locks: KeyedMutex
  readonly uses: Pick<Uses, 'note'>
  readonly pushes: Pick<Pushes, 'note'>
  readonly onChange: OnChange
}

export interface Commit {
  /** Puts the bytes on the disk. `isNew`: nobody relies on a blob of this digest yet. */
  bring(options: { readonly isNew: boolean }): Promise<Content>
  /** The bytes come from peers. */
  readonly isCached?: boolean
  /** Adds to the transaction that makes the blob known. */
  record(queries: Queries): Promise<void>
  /** The upload that the bytes come from, and whether a client was told that some of them are safe. */
  readonly from?: { readonly upload: string; readonly size: number; readonly isAcknowledged: boolean }
}

/** A blob or manifest has come and is durable, has gone, or is served by one more repository. */
export type OnChange = (digest: Digest) => void

export function createBlobStore({ disk, catalog, locks, uses, pushes, onChange }: BlobStoreParts): BlobStore {
  /**
   * A client that finds what nothing needs yet leaves it out of its push: that is written down before it is told, lest
   * it goes before the manifest comes. `false` where it is gone.
   */
  async function spare(repository: string, digest: Digest, usedAt: number): Promise<boolean> {
    pushes.note(repository)
    const now = Date.now()
    if (now - usedAt < RECENT) return true
    return catalog.transaction((queries) => queries.orphans.touch(repository, digest, now))
  }

  const store: BlobStore = {
    async get(repository, digest) {
      const found = await catalog.blobs.find(repository, digest)
      if (!found) return undefined
      if (found.unneededSince !== null && !(await spare(repository, digest, found.unneededSince)))
        return undefined
      uses.note(repository, digest)
      return disk.get(digest)
    },

    mount: (repository, digest, from) =>
      locks.run(digest, async () => {
        pushes.note(repository)
        const isServed =
          from === undefined ? await catalog.blobs.isLinked(digest) : await catalog.blobs.sizeIn(from, digest)
        if (!isServed || !(await disk.get(digest))) return false // a row may have lost its file
        await catalog.transaction(async (queries) => {
          await queries.repositories.add(repository)
          await queries.blobs.link(repository, digest)
          await queries.blobs.claim(digest)
        })
        onChange(digest)
        return true
      }),

    async delete(repository, digest) {
      const unlink = async (queries: Queries) => {
        const isUnlinked = await queries.blobs.unlink(repository, digest)
        if (isUnlinked) await queries.deletions.record(repository, [digest])
        return isUnlinked
      }
      return (await store.release(digest, unlink)).result
    },

    commit: (digest, { bring, isCached, record, from }) =>
      locks.run(digest, async () => {
        const doubt = { digest, upload: from?.upload, size: from?.size }
        // Power may fail between the move of an upload and its record: what was acknowledged must be found again.
        const durable = from?.isAcknowledged ?? false
        await catalog.transaction((queries) => queries.blobs.doubt(doubt), { durable })
        try {
          const isNew = !(await catalog.blobs.isHeld(digest))
          const { size } = await bring({ isNew })
          await catalog.transaction(async (queries) => {
            await queries.blobs.add(digest, size, { isCached })
            await record(queries)
          })
          onChange(digest)
        } catch (error) {
          await settle(disk, catalog, digest).catch(() => {}) // the doubt stays, and the next start ends it
          throw error
        }
      }),

    release: (digest, change) =>
      locks.run(digest, async () => {
        const [result, freed] = await catalog.transaction(async (queries) => {
          const result = await change(queries)
          return [result, await queries.blobs.forget(digest)] as const
        })
        if (freed !== undefined) {
          await settle(disk, catalog, digest)
          onChange(digest)
        }
        return { result, freed: freed ?? 0 }
      }),
  }
  return store
}

/** Ends a doubt: a file that no row names goes. The caller holds the digest's lock, or is alone. */
export async function settle(disk: Disk, catalog: Catalog, digest: Digest): Promise<void> {
  if (!(await catalog.blobs.isHeld(digest))) await disk.delete(digest)
  await catalog.transaction((queries) => queries.blobs.settle(digest), { durable: false })
}
