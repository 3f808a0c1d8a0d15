/**
 * Blocks of DAGs by their hashes: which part of which blob a leaf is, and the inner nodes, which no file holds.
 */

import { HASH_SIZE, LEAF_SIZE } from '../leaf.ts'
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'

/** The same leaf may be a part of very many blobs; beyond so many nobody looks for one that is shared. */
const MAX_PLACES = 100

/** One of the places where a block is held. */
export interface BlockPlace {
  /** The blob whose DAG it belongs to. */
  readonly digest: Digest
  /** Its bytes within the blob; `undefined` for an inner node. */
  readonly part: { readonly offset: number; readonly length: number } | undefined
}

export const blockQueries = (run: Run) => ({
  /**
   * Records where leaves lie. One batch is one short statement; the caller cuts a large blob into several.
   *
   * @param first - the number of the first leaf in this batch
   * @param hashes - 32 bytes a leaf
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
   * Where this block is held: by blobs that are it themselves, as leaves, and as inner nodes.
   *
   * @param name - the hash as the digest of a blob that consists of this block
   */
  async find(hash: Uint8Array, name: Digest): Promise<BlockPlace[]> {
    const rows = await run<{ digest: Digest; size: number; leaf: number | null }>(
      `SELECT digest, size, 0 AS leaf FROM blobs WHERE digest = ? AND size <= ${LEAF_SIZE}
       UNION ALL
       SELECT digest, size, leaf FROM blocks JOIN blobs ON blobs.id = blocks.blob WHERE hash = ?
       UNION ALL
       SELECT digest, size, NULL FROM nodes JOIN blobs ON blobs.id = nodes.blob WHERE hash = ?
       LIMIT ${MAX_PLACES}`,
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
