/**
 * The blockstore of Helia as a view: a leaf is a part of a blob's file, an inner node a row of the catalog, and
 * nothing is stored twice. Only blobs that are shared can be seen through it, since whoever connects by Bitswap reads
 * what is here.
 *
 * Blobs come and go by the registry alone. So blocks that Helia fetched from others for a caller of its own are kept
 * nowhere: `put` takes them and forgets them; what is held here cannot be deleted.
 */
import type { Blockstore, InputPair, Pair } from 'interface-blockstore'
import { NotFoundError } from 'interface-store'
import { LRUCache } from 'lru-cache'
import { toHex } from 'multiformats/bytes'
import type { CID } from 'multiformats/cid'
import { sha256, sha512 } from 'multiformats/hashes/sha2'
import type { BlobSource } from '../blobs/ports.ts'
import type { BlockPlace } from '../catalog/blocks.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Digest } from '../oci/digest.ts'

/** Whether other peers may have this blob. */
export type IsShared = (digest: Digest) => Promise<boolean>

interface Parts {
  readonly blobs: BlobSource
  readonly catalog: Catalog
  readonly isShared: IsShared
}

/** Blobs are named by these only; a leaf or a node is found by its sha-256, whatever codec the CID has. */
const ALGORITHMS: Readonly<Record<number, string>> = { [sha256.code]: 'sha256', [sha512.code]: 'sha512' }

/**
 * One block that a peer fetches is asked for several times in a row, and its neighbours have the same blob, so what was
 * found is remembered for a moment: `ttl` milliseconds, in which a blob that is no longer shared may still be read.
 */
const REMEMBERED = { max: 256, ttl: 1000 }

export const createBlockstore = (parts: Parts): Blockstore => new BlobBlockstore(parts)

class BlobBlockstore implements Blockstore {
  readonly #parts: Parts
  readonly #recentPlaces = new LRUCache<string, BlockPlace>(REMEMBERED)
  readonly #recentlyShared = new LRUCache<Digest, true>(REMEMBERED)

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async has(cid: CID): Promise<boolean> {
    const place = await this.#find(cid)
    if (!place?.part) return place !== undefined
    return (await this.#parts.blobs.get(place.digest)) !== undefined // its file may be lost
  }

  async *get(cid: CID, options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<Uint8Array> {
    const place = await this.#find(cid)
    options.signal?.throwIfAborted()
    if (!place) throw new NotFoundError(`${cid} is not held`)
    if (place.part) yield* this.#read(place.digest, place.part)
    else yield await this.#readNode(cid)
  }

  async *getMany(cids: Iterable<CID> | AsyncIterable<CID>): AsyncGenerator<Pair> {
    for await (const cid of cids) yield { cid, bytes: this.get(cid) }
  }

  /** Nothing: only Helia's garbage collection asks, and there is nothing here that it should delete. */
  async *getAll(): AsyncGenerator<Pair> {}

  async put(cid: CID): Promise<CID> {
    return cid
  }

  async *putMany(pairs: Iterable<InputPair> | AsyncIterable<InputPair>): AsyncGenerator<CID> {
    for await (const { cid } of pairs) yield cid
  }

  async delete(cid: CID): Promise<void> {
    if (await this.has(cid)) throw new Error(`${cid} is part of a blob, which only the registry deletes`)
  }

  async *deleteMany(cids: Iterable<CID> | AsyncIterable<CID>): AsyncGenerator<CID> {
    for await (const cid of cids) {
      await this.delete(cid)
      yield cid
    }
  }

  async #find({ multihash }: CID): Promise<BlockPlace | undefined> {
    const algorithm = ALGORITHMS[multihash.code]
    if (!algorithm) return undefined
    const name = `${algorithm}:${toHex(multihash.digest)}` as Digest
    const known = this.#recentPlaces.get(name)
    if (known) return known
    for (const place of await this.#parts.catalog.blocks.find(multihash.digest, name)) {
      if (!(await this.#isShared(place.digest))) continue
      this.#recentPlaces.set(name, place)
      return place
    }
    return undefined
  }

  async #isShared(digest: Digest): Promise<boolean> {
    if (this.#recentlyShared.has(digest)) return true
    const isShared = await this.#parts.isShared(digest)
    if (isShared) this.#recentlyShared.set(digest, true)
    return isShared
  }

  async *#read(
    digest: Digest,
    { offset, length }: NonNullable<BlockPlace['part']>,
  ): AsyncGenerator<Uint8Array> {
    const content = await this.#parts.blobs.get(digest)
    if (!content) throw new NotFoundError(`${digest} is gone`)
    if (length === 0) yield new Uint8Array()
    else yield* content.stream({ start: offset, end: offset + length - 1 })
  }

  async #readNode(cid: CID): Promise<Uint8Array> {
    const bytes = await this.#parts.catalog.blocks.node(cid.multihash.digest)
    if (!bytes) throw new NotFoundError(`${cid} is gone`)
    return bytes
  }
}
