/**
 * Adds and pins the DAGs of shared blobs in the background, then records their roots. The work lists are in the catalog,
 * so the work continues after a crash. No push waits for it, and none fails because of it.
 */
import { CID } from 'multiformats/cid'
import { createDebounce } from '../async/debounce.ts'
import type { Catalog, Queries } from '../catalog/catalog.ts'
import type { Unpinned } from '../catalog/pins.ts'
import { HASH_SIZE, hashBytesOf } from '../leaf.ts'
import type { Log } from '../log.ts'
import { type Digest, parseDigest } from '../oci/digest.ts'
import { createBackgroundQueue } from './background-queue.ts'
import type { IsShared } from './blockstore.ts'
import { EMPTY_HASH, innerNodesOf, leafCid } from './dag.ts'

export interface PinQueue {
  /**
   * Something about this blob has changed: it was added or deleted, its leaves were hashed, or one more repository serves
   * it. Without a digest, the whole work lists are read.
   */
  wake(digest?: Digest): void
  /** Stops, and resolves when nothing is under way. */
  close(): Promise<void>
}

interface PinQueueDeps {
  readonly catalog: Catalog
  readonly pinner: Pinner
  readonly isShared: IsShared
  readonly log: Log
  /** Called after the root was recorded. */
  readonly onPinned?: (digest: Digest, root: CID) => void
}

/** Leaves recorded in one transaction, so that requests are served in between. */
const BATCH = 1024

/** A digest to pin, or a root to unpin. One queue for both, so that they cannot overtake each other. */
type Key = Digest | Root
type Root = string

export function createPinQueue({
  catalog,
  pinner,
  isShared,
  log,
  onPinned = () => {},
}: PinQueueDeps): PinQueue {
  const change = (work: (queries: Queries) => Promise<void>) => catalog.transaction(work, { durable: false })

  async function* list(): AsyncGenerator<Key> {
    yield* await catalog.pins.unpins()
    yield* catalog.pins.missing()
  }

  async function work(key: Key, signal: AbortSignal): Promise<void> {
    const digest = parseDigest(key)
    if (!digest) return unpin(key, signal)
    if (!(await catalog.blobs.isHeld(digest))) return unpinAll()
    const blob = await catalog.pins.unpinned(digest)
    if (blob && (await isShared(digest))) await pin(digest, blob, signal)
  }

  async function pin(digest: Digest, blob: Unpinned, signal: AbortSignal): Promise<void> {
    const nodes = await add(digest, blob, signal)
    const root = nodes.at(-1)!
    await change(({ pins }) => pins.begin(root.toString()))
    await pinner.pin(root, nodes, { signal })
    await change(({ pins }) => pins.put(digest, root.toString(), Date.now()))
    onPinned(digest, root)
  }

  /** Records the blocks. Returns the nodes as {@link Pinner.pin} takes them. */
  async function add(digest: Digest, blob: Unpinned, signal: AbortSignal): Promise<CID[]> {
    const hashes = blob.size === 0 ? EMPTY_HASH : (blob.hashes ?? hashBytesOf(digest))
    for (let first = 0; blob.hashes && first * HASH_SIZE < hashes.length; first += BATCH) {
      signal.throwIfAborted()
      const batch = hashes.subarray(first * HASH_SIZE, (first + BATCH) * HASH_SIZE)
      await change(({ blocks }) => blocks.addLeaves(digest, first, batch))
    }
    const nodes: CID[] = []
    for await (const { cid, bytes } of innerNodesOf(hashes, blob.size)) {
      signal.throwIfAborted()
      await change(({ blocks }) => blocks.addNode(digest, cid.multihash.digest, bytes))
      nodes.push(cid)
    }
    return nodes.length > 0 ? nodes : [leafCid(hashes)]
  }

  async function unpinAll(): Promise<void> {
    for (const root of await catalog.pins.unpins()) queue.add(root)
  }

  async function unpin(root: Root, signal: AbortSignal): Promise<void> {
    const isNamed = (await catalog.pins.digests(root)).length > 0
    if (!isNamed) await pinner.unpin(CID.parse(root), { signal })
    await change(({ pins }) => pins.forgetUnpin(root))
  }

  const queue = createBackgroundQueue<Key>({ name: 'pinning', list, do: work }, log)
  const changed = new Set<Digest>()
  const debounce = createDebounce(() => {
    for (const digest of changed) queue.add(digest)
    changed.clear()
  })
  return {
    wake(digest) {
      if (!digest) return queue.sweep()
      changed.add(digest)
      debounce.call()
    },

    close() {
      debounce.close()
      return queue.close()
    },
  }
}

/** The port to the list of pins, which Helia keeps. Both methods are idempotent, even after an interruption. */
export interface Pinner {
  /** @param nodes - the blocks of the DAG but for its leaves, the root last; of a single leaf, that leaf */
  pin(root: CID, nodes: readonly CID[], options: { readonly signal: AbortSignal }): Promise<void>
  unpin(root: CID, options: { readonly signal: AbortSignal }): Promise<void>
}
