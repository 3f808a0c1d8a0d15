/**
 * The UnixFS DAG of a blob, built from its leaf hashes without a look at its bytes. Its profile is fixed, so that
 * every peer, and anyone with an IPFS client, gets the same root for the same blob: CIDv1, sha2-256, raw leaves of
 * 1 MiB, balanced, 1024 links a node.
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
import { encodeFile } from './unixfs-file.ts'

/** Children of one node. */
export const FANOUT = 1024

/** The sha-256 of nothing: the only leaf of an empty blob. */
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
  /** Bytes of all blocks below it, itself included: what UnixFS calls Tsize. */
  readonly total: number
}

export const leafCid = (hash: Uint8Array): CID => CID.createV1(leafCode, createMultihash(sha256.code, hash))

/**
 * The root of a blob's DAG: of one leaf or none, the leaf itself.
 *
 * @param hashes - the sha-256 of each leaf, 32 bytes apiece
 * @param size - of the blob, in bytes
 * @throws RangeError where there are not as many hashes as the blob has leaves
 */
export async function rootOf(hashes: Uint8Array, size: number): Promise<CID> {
  let root = leafCid(size === 0 ? EMPTY_HASH : hashAt(hashes, 0))
  for await (const node of innerNodesOf(hashes, size)) root = node.cid
  return root
}

/** The nodes above the leaves, level by level, the root last; none above a single leaf. As {@link rootOf}. */
export async function* innerNodesOf(hashes: Uint8Array, size: number): AsyncGenerator<InnerNode> {
  if (hashes.length !== leafCount(size) * HASH_SIZE && size > 0) {
    throw new RangeError(`${hashes.length} bytes of leaf hashes do not suit a blob of ${size} bytes`)
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

/** By WebCrypto, which lets others get their turn between the nodes of a large DAG. */
async function hash(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
}
