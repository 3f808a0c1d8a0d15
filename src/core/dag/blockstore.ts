/**
 * Helia's blockstore as a view: a leaf is a part of a blob's file, an inner node is a row of the catalog, and nothing is
 * stored twice. Only shared blobs are visible through it, because any peer that connects over Bitswap can read it.
 *
 * Only the registry adds and deletes blobs. So `put` discards blocks that Helia has fetched from peers, and what is here
 * cannot be deleted through this interface.
 */
import type { Blockstore, InputPair, Pair } from 'interface-blockstore'
import { NotFoundError } from 'interface-store'
import { LRUCache } from 'lru-cache'
import { toHex } from 'multiformats/bytes'
import type { CID } from 'multiformats/cid'
import { sha256, sha512 } from 'multiformats/hashes/sha2'
import type { BlobSource } from '../blobs/ports.ts'
import type { BlockLocation } from '../catalog/blocks.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Digest } from '../oci/digest.ts'

/** Whether peers may have this blob. */
export type IsShared = (digest: Digest) => Promise<boolean>

interface BlockstoreDeps {
  readonly blobs: BlobSource
  readonly catalog: Catalog
  readonly isShared: IsShared
}

/** The only algorithms of digests. A leaf or a node is found by its sha-256, whatever the codec of the CID. */
const ALGORITHMS: Readonly<Record<number, string>> = { [sha256.code]: 'sha256', [sha512.code]: 'sha512' }

/**
 * Bitswap looks up a block several times in a row, and its neighbours are in the same blob, so results are cached for
 * `ttl` milliseconds. For that long, a blob can still be read that is no longer shared.
 */
const CACHE = { max: 256, ttl: 1000 }

export const createBlockstore = (deps: BlockstoreDeps): Blockstore => new BlobBlockstore(deps)

class BlobBlockstore implements Blockstore {
  readonly #deps: BlockstoreDeps
  readonly #locations = new LRUCache<string, BlockLocation>(CACHE)
  readonly #shared = new LRUCache<Digest, true>(CACHE)

  constructor(deps: BlockstoreDeps) {
    this.#deps = deps
  }

  async has(cid: CID): Promise<boolean> {
    const location = await this.#find(cid)
    if (!location?.part) return location !== undefined
    return (await this.#deps.blobs.get(location.digest)) !== undefined // a row may have lost its file
  }

  async *get(cid: CID, options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<Uint8Array> {
    const location = await this.#find(cid)
    options.signal?.throwIfAborted()
    if (!location) throw new NotFoundError(`${cid} is not in this registry`)
    if (location.part) yield* this.#read(location.digest, location.part)
    else yield await this.#readNode(cid)
  }

  async *getMany(cids: Iterable<CID> | AsyncIterable<CID>): AsyncGenerator<Pair> {
    for await (const cid of cids) yield { cid, bytes: this.get(cid) }
  }

  /** Empty, because only Helia's garbage collection calls it, and there is nothing here that it should delete. */
  async *getAll(): AsyncGenerator<Pair> {}

  async put(cid: CID): Promise<CID> {
    return cid
  }

  async *putMany(pairs: Iterable<InputPair> | AsyncIterable<InputPair>): AsyncGenerator<CID> {
    for await (const { cid } of pairs) yield cid
  }

  async delete(cid: CID): Promise<void> {
    if (await this.has(cid))
      throw new Error(`${cid} is part of a blob; delete the blob through the registry instead`)
  }

  async *deleteMany(cids: Iterable<CID> | AsyncIterable<CID>): AsyncGenerator<CID> {
    for await (const cid of cids) {
      await this.delete(cid)
      yield cid
    }
  }

  async #find({ multihash }: CID): Promise<BlockLocation | undefined> {
    const algorithm = ALGORITHMS[multihash.code]
    if (!algorithm) return undefined
    const name = `${algorithm}:${toHex(multihash.digest)}` as Digest
    const cached = this.#locations.get(name)
    if (cached) return cached
    for (const location of await this.#deps.catalog.blocks.find(multihash.digest, name)) {
      if (!(await this.#isShared(location.digest))) continue
      this.#locations.set(name, location)
      return location
    }
    return undefined
  }

  async #isShared(digest: Digest): Promise<boolean> {
    if (this.#shared.has(digest)) return true
    const isShared = await this.#deps.isShared(digest)
    if (isShared) this.#shared.set(digest, true)
    return isShared
  }

  async *#read(
    digest: Digest,
    { offset, length }: NonNullable<BlockLocation['part']>,
  ): AsyncGenerator<Uint8Array> {
    const content = await this.#deps.blobs.get(digest)
    if (!content) throw new NotFoundError(`${digest} was deleted from the disk`)
    if (length === 0) yield new Uint8Array()
    else yield* content.stream({ start: offset, end: offset + length - 1 })
  }

  async #readNode(cid: CID): Promise<Uint8Array> {
    const bytes = await this.#deps.catalog.blocks.node(cid.multihash.digest)
    if (!bytes) throw new NotFoundError(`${cid} was deleted from the catalog`)
    return bytes
  }
}
