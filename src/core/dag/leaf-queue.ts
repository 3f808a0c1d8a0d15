/**
 * Hashes the leaves of new blobs in the background: right after the push was acknowledged, while the bytes are still
 * in the page cache. Hashing them in the same pass would cost each push a third of its speed. The work list is the
 * catalog's, so a restart goes on where a crash stopped.
 */
import type { BlobSource } from '../blobs/ports.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import { createBackgroundQueue } from './background-queue.ts'
import type { HashLeaves } from './leaves.ts'

export interface LeafQueue {
  /** This blob may be new. Without a digest, everything is looked through. */
  wake(digest?: Digest): void
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>
}

const PAGE = 16

/** @param onHashed - called when the leaf hashes of a blob are in the catalog */
export function createLeafQueue(
  blobs: BlobSource,
  catalog: Catalog,
  hashLeaves: HashLeaves,
  log: Log,
  onHashed: (digest: Digest) => void = () => {},
): LeafQueue {
  async function hash(digest: Digest, signal: AbortSignal): Promise<void> {
    if (!(await catalog.leaves.isMissing(digest))) return
    const content = await blobs.get(digest)
    if (!content) throw new Error(`${digest} has no file`)
    const hashes = await hashLeaves(content, signal)
    await catalog.transaction((queries) => queries.leaves.put(digest, hashes), { durable: false })
    onHashed(digest)
  }

  async function* list(): AsyncGenerator<Digest> {
    let page = await catalog.leaves.missing(PAGE)
    while (page.length > 0) {
      yield* page
      page = await catalog.leaves.missing(PAGE, page.at(-1))
    }
  }

  const queue = createBackgroundQueue<Digest>({ name: 'hashing leaves', list, do: hash }, log)
  return {
    wake: (digest) => (digest ? queue.add(digest) : queue.sweep()),
    close: queue.close,
  }
}
