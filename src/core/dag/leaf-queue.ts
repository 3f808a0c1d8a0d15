/**
 * Hashes the leaves of new blobs in the background, right after the push was acknowledged, while the bytes are still in
 * the page cache. Hashing them in the same pass would cost each push a third of its speed. The work list is in the
 * catalog, so the work continues after a crash.
 */
import { createEmitter, type Subscribable } from '../async/emitter.ts'
import type { BlobSource } from '../blobs/ports.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import { createBackgroundQueue } from './background-queue.ts'
import type { HashLeaves } from './leaves.ts'

export interface LeafQueue {
  /** This blob may be new. Without a digest, the whole work list is read. */
  wake(digest?: Digest): void
  /** Each blob whose leaf hashes are now in the catalog. */
  readonly hashed: Subscribable<Digest>
  /** Stops, and resolves when nothing is under way. */
  close(): Promise<void>
}

const PAGE = 16

export function createLeafQueue(
  blobs: BlobSource,
  catalog: Catalog,
  hashLeaves: HashLeaves,
  log: Log,
): LeafQueue {
  const hashed = createEmitter<Digest>()

  async function hash(digest: Digest, signal: AbortSignal): Promise<void> {
    if (!(await catalog.leaves.isMissing(digest))) return
    const content = await blobs.get(digest)
    if (!content) throw new Error(`${digest} is in the catalog, but its file is missing`)
    const hashes = await hashLeaves(content, signal)
    await catalog.transaction((queries) => queries.leaves.put(digest, hashes), { durable: false })
    hashed.emit(digest)
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
    hashed,
    close: () => queue.close(),
  }
}
