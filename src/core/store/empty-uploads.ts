/**
 * Uploads that were begun and never got a byte. Everybody who may push can begin any number, and each takes a row and a
 * file, so there is a bound on those that are open; where it is reached, the oldest empty ones give way to new ones.
 */
import type { Disk } from '../blobs/ports.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { RegistryError } from '../oci/error.ts'
import type { Writers } from './upload-locks.ts'

/** Open uploads. A client has a few; nobody is pushed out who sends within the time in which so many others begin. */
export const MAX_OPEN = 10_000

/** Looked at together. */
const BATCH = 64

export interface EmptyUploads {
  /** @throws RegistryError TOOMANYREQUESTS where too many are open, all of them with bytes */
  makeRoom(): Promise<void>
  /** Cancels those begun before `time` (milliseconds since 1970); gives the ids. */
  purge(time: number): Promise<string[]>
}

export function createEmptyUploads(
  disk: Disk,
  catalog: Catalog,
  writers: Writers,
  cancel: (id: string) => Promise<void>,
): EmptyUploads {
  /** `false` where somebody writes to it, or has. */
  async function remove(id: string): Promise<boolean> {
    if (writers.has(id)) return false
    return writers.alone(id, true, async () => {
      const isEmpty = ((await disk.resume(id))?.size ?? 0) === 0
      if (isEmpty) await cancel(id)
      else await catalog.transaction((queries) => queries.uploads.markWritten(id), { durable: false })
      return isEmpty
    })
  }

  /** Of the oldest, so many at most; gives the ids. */
  async function removeOldest(time: number, most: number): Promise<string[]> {
    const removed: string[] = []
    for (;;) {
      const ids = (await catalog.uploads.emptySince(time, BATCH)).filter((id) => !writers.has(id))
      for (const id of ids) {
        if (await remove(id)) removed.push(id)
        if (removed.length === most) return removed
      }
      if (ids.length === 0) return removed
    }
  }

  return {
    async makeRoom() {
      if ((await catalog.uploads.count()) < MAX_OPEN) return
      if ((await removeOldest(Number.MAX_SAFE_INTEGER, 1)).length > 0) return
      throw new RegistryError('TOOMANYREQUESTS', 'too many uploads are open', {
        headers: { 'Retry-After': '60' },
      })
    },

    purge: (time) => removeOldest(time, Number.POSITIVE_INFINITY),
  }
}
