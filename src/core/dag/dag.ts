/**
 * The UnixFS DAG of a blob, built from its leaf hashes without reading its bytes. Its profile is fixed, so that every
 * peer, and anybody with an IPFS client, gets the same root for the same blob: CIDv1, sha2-256, raw leaves of 1 MiB,
 * balanced, 1024 links in each node.
 *
 * @see https://specs.ipfs.tech/unixfs/
 */
import { encode, code as nodeCode } from '@ipld/dag-pb'
import { fromHex } from 'multiformats/bytes'
import { CID } from 'multiformats/cid'
import { code as leafCode } from 'multiformats/codecs/raw'
import { create as createMultihash } from 'multiformats/hashes/digest'
import { sha256 } from 'multiformats/hashes/sha2'
import { HASH_SIZE, hashAt, LEAF_SIZE, leafCount } from '../leaf.ts'

/** Children of one node. */
export const FANOUT = 1024

/** The sha-256 of zero bytes: the only leaf of an empty blob. */
export const EMPTY_HASH = fromHex('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')

/** A node that is not a leaf. */
export interface InnerNode {
  readonly cid: CID
  /** In dag-pb. */
  readonly bytes: Uint8Array
}

interface Child {
  readonly cid: CID
  /** Bytes of the blob below it. */
  readonly content: number
  /** Bytes of all blocks from it downwards: what UnixFS calls Tsize. */
  readonly total: number
}

export const leafCid = (hash: Uint8Array): CID => CID.createV1(leafCode, createMultihash(sha256.code, hash))

/**
 * The root of a blob's DAG; for a single leaf, the leaf itself.
 *
 * @param hashes - the sha-256 of each leaf, 32 bytes each
 * @param size - of the blob, in bytes
 * @throws RangeError if the number of hashes is not the number of leaves
 */
export async function rootOf(hashes: Uint8Array, size: number): Promise<CID> {
  let root = leafCid(size === 0 ? EMPTY_HASH : hashAt(hashes, 0))
  for await (const node of innerNodesOf(hashes, size)) root = node.cid
  return root
}

/** The nodes above the leaves, level by level, the root last; none for a single leaf. Parameters as {@link rootOf}. */
export async function* innerNodesOf(hashes: Uint8Array, size: number): AsyncGenerator<InnerNode> {
  if (hashes.length !== leafCount(size) * HASH_SIZE && size > 0) {
    throw new RangeError(
      `a blob of ${size} bytes has ${leafCount(size)} leaves, but ${hashes.length} bytes of hashes were given`,
    )
  }
  if (size <= LEAF_SIZE) return
  let level: Iterable<Child> = leavesOf(hashes, size)
  for (;;) {
    const parents: Child[] = []
    for (const children of inBatches(level)) {
      const { node, asChild } = await parentOf(children)
      yield node
      parents.push(asChild)
    }
    if (parents.length === 1) return
    level = parents
  }
}

function* leavesOf(hashes: Uint8Array, size: number): Generator<Child> {
  for (let number = 0; number * LEAF_SIZE < size; number++) {
    const content = Math.min(LEAF_SIZE, size - number * LEAF_SIZE)
    const hash = hashes.subarray(number * HASH_SIZE, (number + 1) * HASH_SIZE)
    yield { cid: leafCid(hash), content, total: content }
  }
}

function* inBatches(level: Iterable<Child>): Generator<Child[]> {
  let batch: Child[] = []
  for (const child of level) {
    batch.push(child)
    if (batch.length === FANOUT) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

async function parentOf(children: readonly Child[]): Promise<{ node: InnerNode; asChild: Child }> {
  const file = encodeFile(children.map(({ content }) => content))
  const links = children.map(({ cid, total }) => ({ Name: '', Tsize: total, Hash: cid }))
  const bytes = encode({ Data: file, Links: links })
  const cid = CID.createV1(nodeCode, createMultihash(sha256.code, await hash(bytes)))
  const content = children.reduce((sum, child) => sum + child.content, 0)
  const total = children.reduce((sum, child) => sum + child.total, bytes.length)
  return { node: { cid, bytes }, asChild: { cid, content, total } }
}

/** By WebCrypto, which is asynchronous, so that a large DAG does not block the event loop. */
async function hash(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
}

/**
 * The UnixFS part of an inner node. Written out because the library that writes it, `ipfs-unixfs` 13.1, leaves bytes
 * undefined in sizes from 2 GiB to 4 GiB: each call would give another root.
 *
 * @see https://specs.ipfs.tech/unixfs/#data-field
 */
const FILE_TYPE = [0x08, 0x02]
const FILE_SIZE = 0x18
const BLOCK_SIZE = 0x20

/** @param sizes - of the blob below each child, in bytes */
export function encodeFile(sizes: readonly number[]): Uint8Array {
  const bytes = [...FILE_TYPE, FILE_SIZE]
  addVarint(
    bytes,
    sizes.reduce((sum, size) => sum + size, 0),
  )
  for (const size of sizes) {
    bytes.push(BLOCK_SIZE)
    addVarint(bytes, size)
  }
  return Uint8Array.from(bytes)
}

/** By division: bit operators would cut numbers to 32 bits. */
function addVarint(bytes: number[], number: number): void {
  let rest = number
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  bytes.push(rest)
}
