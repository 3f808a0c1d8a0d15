/** Blocks of DAGs by their hashes: the part of a blob that a leaf is, and the inner nodes, which are in no file. */

import { HASH_SIZE, LEAF_SIZE } from '../leaf.ts'
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'

/** The same leaf may be in very many blobs. If none of this many is shared, the block counts as not shared. */
const MAX_LOCATIONS = 100

/** One of the blobs in which a block is found. */
export interface BlockLocation {
  /** The blob whose DAG it belongs to. */
  readonly digest: Digest
  /** Its bytes within the blob; `undefined` for an inner node. */
  readonly part: { readonly offset: number; readonly length: number } | undefined
}

export const blockQueries = (run: Run) => ({
  /**
   * Records the hashes of a blob's leaves. The caller splits those of a large blob, so that each statement is short.
   *
   * @param first - the number of the first leaf in this batch
   * @param hashes - 32 bytes for each leaf
   */
  async addLeaves(digest: Digest, first: number, hashes: Uint8Array): Promise<void> {
    await run(
      `INSERT INTO blocks (hash, blob, leaf)
       WITH RECURSIVE batch (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM batch WHERE number + 1 < ?)
       SELECT substr(?, number * ${HASH_SIZE} + 1, ${HASH_SIZE}), id, ? + number
       FROM batch, blobs WHERE digest = ?
       ON CONFLICT DO NOTHING`,
      hashes.length / HASH_SIZE,
      hashes,
      first,
      digest,
    )
  },

  async addNode(digest: Digest, hash: Uint8Array, bytes: Uint8Array): Promise<void> {
    await run(
      `INSERT INTO nodes (hash, blob, bytes) SELECT ?, id, ? FROM blobs WHERE digest = ?
       ON CONFLICT DO NOTHING`,
      hash,
      bytes,
      digest,
    )
  },

  /**
   * The blobs in which this block is found: as the whole blob, as a leaf, or as an inner node.
   *
   * @param name - the digest of a blob that consists of this block alone
   */
  async find(hash: Uint8Array, name: Digest): Promise<BlockLocation[]> {
    const rows = await run<{ digest: Digest; size: number; leaf: number | null }>(
      `SELECT digest, size, 0 AS leaf FROM blobs WHERE digest = ? AND size <= ${LEAF_SIZE}
       UNION ALL
       SELECT digest, size, leaf FROM blocks JOIN blobs ON blobs.id = blocks.blob WHERE hash = ?
       UNION ALL
       SELECT digest, size, NULL FROM nodes JOIN blobs ON blobs.id = nodes.blob WHERE hash = ?
       LIMIT ${MAX_LOCATIONS}`,
      name,
      hash,
      hash,
    )
    return rows.map(({ digest, size, leaf }) => ({
      digest,
      part: leaf === null ? undefined : partOf(leaf, size),
    }))
  },

  /** The bytes of an inner node. */
  async node(hash: Uint8Array): Promise<Uint8Array | undefined> {
    return (await run<{ bytes: Uint8Array }>('SELECT bytes FROM nodes WHERE hash = ? LIMIT 1', hash))[0]
      ?.bytes
  },
})

function partOf(leaf: number, size: number): { offset: number; length: number } {
  const offset = leaf * LEAF_SIZE
  return { offset, length: Math.min(LEAF_SIZE, size - offset) }
}
