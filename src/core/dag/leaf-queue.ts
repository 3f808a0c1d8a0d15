/**
 * Hashes the leaves of new blobs in the background: right after the push was acknowledged, while the bytes are still
 * in the page cache. Hashing them in the same pass would cost each push a third of its speed. The work list is the
 * catalog's, so a restart goes on where a crash stopped.
 */
import type { BlobSource } from '../blobs/ports.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import type { HashLeaves } from './leaves.ts'

export interface LeafQueue {
  /** There may be new work. */
  wake(): void
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>
}

export function createLeafQueue(
  blobs: BlobSource,
  catalog: Catalog,
  hashLeaves: HashLeaves,
  log: Log,
): LeafQueue {
  const closing = new AbortController()
  let running: Promise<void> | undefined
  let woken = false

  async function hashOne(digest: Digest): Promise<void> {
    const content = await blobs.get(digest)
    const hashes = content ? await hashLeaves(content, closing.signal) : new Uint8Array()
    await catalog.transaction((queries) => queries.leaves.put(digest, hashes), { durable: false })
  }

  async function run(): Promise<void> {
    while (woken && !closing.signal.aborted) {
      woken = false
      for (const digest of await catalog.leaves.missing(16)) {
        woken = true // there may be more than this batch
        if (closing.signal.aborted) return
        await hashOne(digest)
      }
    }
  }

  return {
    wake() {
      woken = true
      running ??= run()
        .catch((error) => {
          woken = false
          if (!closing.signal.aborted)
            log.error('hashing leaves failed; the next push tries again', { err: error })
        })
        .finally(() => {
          running = undefined
          if (woken && !closing.signal.aborted) this.wake()
        })
    },

    async close() {
      closing.abort()
      await running
    },
  }
}
