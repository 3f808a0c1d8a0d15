/**
 * Blobs as repositories see them: the disk's bytes under the catalog's links, kept in agreement.
 *
 * A row in `blobs` is written only after its file is durable, and removed before its file is. In between, the digest
 * is _in doubt_, as in a two-phase commit, and the doubt is written down first. So at whatever moment a crash comes,
 * no row is without its file, and `recover` finds every file without a row.
 */

import type { KeyedMutex } from '../async/mutex.ts'
import type { Content, Disk } from '../blobs/ports.ts'
import type { Catalog, Queries } from '../catalog/catalog.ts'
import type { Digest } from '../oci/digest.ts'
import { type LastUsed, RECENT_USE_MS } from './last-used.ts'
import type { Pushes } from './pushes.ts'

export interface BlobStore {
  /** `undefined` if this repository does not serve it. */
  get(repository: string, digest: Digest): Promise<Content | undefined>
  /** Serves in `repository` what `from` serves (or any repository, if `undefined`). `false` if there is nothing to mount. */
  mount(repository: string, digest: Digest, from: string | undefined): Promise<boolean>
  /** Stops serving it here. The bytes go with the last repository that needs them. `false` if it was not here. */
  delete(repository: string, digest: Digest): Promise<boolean>
  /** The blob is durable on return. If anything fails, neither bytes nor rows stay. */
  commit(digest: Digest, steps: CommitSteps): Promise<void>
  /** Runs `change`, which may remove the last need for the blob. If it does, deletes the bytes: `freed` of them. */
  release<T>(
    digest: Digest,
    change: (queries: Queries) => Promise<T>,
  ): Promise<{ readonly result: T; readonly freed: number }>
}

export interface BlobStoreDeps {
  readonly disk: Disk
  readonly catalog: Catalog
  readonly locks: KeyedMutex
  readonly lastUsed: Pick<LastUsed, 'note'>
  readonly pushes: Pick<Pushes, 'note'>
  /** A blob or manifest has become durable, has been deleted, or is served by one more repository. */
  readonly onChange: (digest: Digest) => void
}

export interface CommitSteps {
  /** Puts the bytes on the disk. `isNew`: no row names this digest yet. */
  write(options: { readonly isNew: boolean }): Promise<Content>
  /** The bytes come from peers. */
  readonly isCached?: boolean
  /** Adds to the transaction that makes the blob known. */
  record(queries: Queries): Promise<void>
  /** The upload that the bytes come from, and whether a client was told that some of them are safe. */
  readonly from?: { readonly upload: string; readonly size: number; readonly isAcknowledged: boolean }
}

export function createBlobStore(deps: BlobStoreDeps): BlobStore {
  const { disk, catalog, locks, lastUsed, pushes, onChange } = deps

  /**
   * A client that finds a blob which no manifest needs yet leaves it out of its push. The use is written down before
   * the client gets an answer, so that the blob does not go before the manifest comes. `false` if it is gone.
   */
  async function spare(repository: string, digest: Digest, usedAt: number): Promise<boolean> {
    pushes.note(repository)
    const now = Date.now()
    if (now - usedAt < RECENT_USE_MS) return true
    return catalog.transaction((queries) => queries.orphans.touch(repository, digest, now))
  }

  async function isServed(digest: Digest, from: string | undefined): Promise<boolean> {
    if (from === undefined) return catalog.blobs.isLinked(digest)
    return (await catalog.blobs.sizeIn(from, digest)) !== undefined
  }

  const store: BlobStore = {
    async get(repository, digest) {
      const found = await catalog.blobs.find(repository, digest)
      if (!found) return undefined
      if (found.unneededSince !== null && !(await spare(repository, digest, found.unneededSince)))
        return undefined
      lastUsed.note(repository, digest)
      return disk.get(digest)
    },

    mount: (repository, digest, from) =>
      locks.run(digest, async () => {
        pushes.note(repository)
        if (!(await isServed(digest, from))) return false
        if (!(await disk.get(digest))) return false // a row may have lost its file
        await catalog.transaction(async (queries) => {
          await queries.repositories.add(repository)
          await queries.blobs.link(repository, digest)
          await queries.blobs.markPushed(digest)
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

    commit: (digest, { write, isCached, record, from }) =>
      locks.run(digest, async () => {
        const doubt = { digest, upload: from?.upload, size: from?.size }
        // Power may fail between the move of an upload and its record: acknowledged bytes must be found again.
        const durable = from?.isAcknowledged ?? false
        await catalog.transaction((queries) => queries.blobs.recordDoubt(doubt), { durable })
        try {
          const isNew = !(await catalog.blobs.isHeld(digest))
          const { size } = await write({ isNew })
          await catalog.transaction(async (queries) => {
            await queries.blobs.add(digest, size, { isCached })
            await record(queries)
          })
          onChange(digest)
        } catch (error) {
          await resolveDoubt(disk, catalog, digest).catch(() => {}) // the doubt stays, and the next start resolves it
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
          await resolveDoubt(disk, catalog, digest)
          onChange(digest)
        }
        return { result, freed: freed ?? 0 }
      }),
  }
  return store
}

/** Deletes the file if no row names it, and ends the doubt. The caller holds the digest's lock, or runs alone. */
export async function resolveDoubt(disk: Disk, catalog: Catalog, digest: Digest): Promise<void> {
  if (!(await catalog.blobs.isHeld(digest))) await disk.delete(digest)
  await catalog.transaction((queries) => queries.blobs.endDoubt(digest), { durable: false })
}
