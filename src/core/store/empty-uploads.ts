/**
 * Uploads that were started and never received a byte. Anybody who may push can start any number, and each takes a row
 * and a file, so the number of open uploads is limited. At the limit, the oldest empty upload makes way for a new one.
 */
import type { Disk } from '../blobs/ports.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { RegistryError } from '../oci/error.ts'
import type { UploadLocks } from './upload-locks.ts'

/** A client has a few. One is removed only if this many others are started before it sends a byte. */
export const MAX_OPEN_UPLOADS = 10_000

/** Rows read at a time. */
const BATCH = 64

export interface EmptyUploads {
  /** Allows one more. @throws RegistryError TOOMANYREQUESTS if too many are open, all of them with bytes */
  ensureCapacity(): Promise<void>
  /** Cancels those started before `time` (milliseconds since 1970); returns the ids. */
  purge(time: number): Promise<string[]>
}

export function createEmptyUploads(
  disk: Disk,
  catalog: Catalog,
  locks: UploadLocks,
  cancel: (id: string) => Promise<void>,
): EmptyUploads {
  /** `false` if it is being written to, or has bytes. */
  async function remove(id: string): Promise<boolean> {
    if (locks.isLocked(id)) return false
    return locks.run(id, true, async () => {
      const isEmpty = ((await disk.resume(id))?.size ?? 0) === 0
      if (isEmpty) await cancel(id)
      else await catalog.transaction((queries) => queries.uploads.markWritten(id), { durable: false })
      return isEmpty
    })
  }

  /** Removes up to `max` of the oldest; returns the ids. */
  async function removeOldest(time: number, max: number): Promise<string[]> {
    const removed: string[] = []
    for (;;) {
      const ids = (await catalog.uploads.emptySince(time, BATCH)).filter((id) => !locks.isLocked(id))
      for (const id of ids) {
        if (await remove(id)) removed.push(id)
        if (removed.length === max) return removed
      }
      if (ids.length === 0) return removed
    }
  }

  return {
    async ensureCapacity() {
      if ((await catalog.uploads.count()) < MAX_OPEN_UPLOADS) return
      if ((await removeOldest(Number.MAX_SAFE_INTEGER, 1)).length > 0) return
      throw new RegistryError(
        'TOOMANYREQUESTS',
        'too many uploads are open; finish or cancel some, or try again in a minute',
        {
          headers: { 'Retry-After': '60' },
        },
      )
    },

    purge: (time) => removeOldest(time, Number.POSITIVE_INFINITY),
  }
}
