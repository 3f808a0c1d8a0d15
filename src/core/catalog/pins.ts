/**
 * Pins: digests with the root CIDs of their DAGs, recorded only after pinning has succeeded; and the work lists of pinning
 * and of providing, which survive a restart.
 *
 * A root is in `unpins` from before it is pinned until its row is written, and again after its blob was deleted. So at
 * whatever moment a crash comes, no row is without a pin, and no pin is forgotten.
 */

import { LEAF_SIZE } from '../leaf.ts'
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'

/** Rows read at a time, so that other queries can run in between. */
const PAGE = 500

/** A blob whose leaf hashes are known and that is not pinned. */
export interface Unpinned {
  /** In bytes. */
  readonly size: number
  /** 32 bytes for each leaf; `null` if the digest is the hash of the only leaf. */
  readonly hashes: Uint8Array | null
}

export const pinQueries = (run: Run) => ({
  /** Blobs whose leaf hashes are known and that have no pin, oldest first. */
  async *missing(): AsyncGenerator<Digest> {
    let last = 0
    for (;;) {
      const rows = await run<{ id: number; digest: Digest; missing: number }>(
        `SELECT id, digest, leaved = 1 AND pins.blob IS NULL AS missing
         FROM blobs LEFT JOIN pins ON pins.blob = blobs.id
         WHERE id > ? ORDER BY id LIMIT ${PAGE}`,
        last,
      )
      for (const row of rows) if (row.missing) yield row.digest
      if (rows.length < PAGE) return
      last = rows.at(-1)!.id
    }
  },

  /** `undefined` if it is pinned, its leaf hashes are not known, or it does not exist. */
  async unpinned(digest: Digest): Promise<Unpinned | undefined> {
    const [row] = await run<{ size: number; hashes: Uint8Array | null }>(
      `SELECT size, hashes FROM blobs LEFT JOIN leaves ON leaves.blob = blobs.id
       WHERE digest = ? AND leaved = 1 AND NOT EXISTS (SELECT 1 FROM pins WHERE blob = blobs.id)`,
      digest,
    )
    return row
  },

  /** Records that the root is about to be pinned. */
  async begin(root: string): Promise<void> {
    await run('INSERT INTO unpins (root) VALUES (?) ON CONFLICT DO NOTHING', root)
  },

  /**
   * Records that the root is pinned for this blob. Does nothing if the blob was deleted: the root then stays in `unpins`, as
   * does an earlier root of the blob.
   *
   * @param now - milliseconds since 1970
   */
  async put(digest: Digest, root: string, now: number): Promise<void> {
    await run(
      `INSERT INTO unpins (root) SELECT root FROM pins JOIN blobs ON blobs.id = blob WHERE digest = ? AND root <> ?
       ON CONFLICT DO NOTHING`,
      digest,
      root,
    )
    await run(
      `INSERT INTO pins (blob, root, pinned_at) SELECT id, ?, ? FROM blobs WHERE digest = ?
       ON CONFLICT DO UPDATE SET root = excluded.root, pinned_at = excluded.pinned_at, provided_at = NULL`,
      root,
      now,
      digest,
    )
    await run('DELETE FROM unpins WHERE root = ? AND root IN (SELECT root FROM pins)', root)
  },

  /** The root of this blob's DAG, as a CID. */
  async root(digest: Digest): Promise<string | undefined> {
    const sql = 'SELECT root FROM pins JOIN blobs ON blobs.id = pins.blob WHERE digest = ?'
    return (await run<{ root: string }>(sql, digest))[0]?.root
  },

  /** The blobs with this root: several if the same bytes have digests of several algorithms. */
  async digests(root: string): Promise<Digest[]> {
    const sql = 'SELECT digest FROM pins JOIN blobs ON blobs.id = pins.blob WHERE root = ?'
    return (await run<{ digest: Digest }>(sql, root)).map((row) => row.digest)
  },

  /** Roots that may be pinned without a row that names them. */
  async unpins(): Promise<string[]> {
    return (await run<{ root: string }>('SELECT root FROM unpins')).map((row) => row.root)
  },

  /** Removes a root from `unpins`, because it is no longer pinned, or a row names it. */
  async forgetUnpin(root: string): Promise<void> {
    await run('DELETE FROM unpins WHERE root = ?', root)
  },
})

/** A pinned digest that is due to be provided. */
export interface Due {
  readonly digest: Digest
  /** Whether it is provided at all: manifests and blobs of at least one leaf are. */
  readonly matters: boolean
}

const PINNED = `SELECT digest,
    size >= ${LEAF_SIZE} OR EXISTS (SELECT 1 FROM manifests WHERE manifests.blob = blobs.id) AS matters
  FROM pins JOIN blobs ON blobs.id = pins.blob`

export const providingQueries = (run: Run) => ({
  /** The newest pins that were never provided; if there are none, those not provided since `time`. */
  async due(time: number, limit: number): Promise<Due[]> {
    const unseen = `${PINNED} WHERE provided_at IS NULL ORDER BY pins.blob DESC LIMIT ?`
    const rows = await run<DueRow>(unseen, limit)
    if (rows.length > 0) return rows.map(toDue)
    const aged = `${PINNED} WHERE provided_at < ? ORDER BY provided_at LIMIT ?`
    return (await run<DueRow>(aged, time, limit)).map(toDue)
  },

  /** Records that these were provided, or need not be. */
  async done(digests: readonly Digest[], now: number): Promise<void> {
    await run(
      `UPDATE pins SET provided_at = ? WHERE blob IN (
         SELECT id FROM blobs WHERE digest IN (SELECT value FROM json_each(?)))`,
      now,
      JSON.stringify(digests),
    )
  },
})

type DueRow = { digest: Digest; matters: number }

const toDue = ({ digest, matters }: DueRow): Due => ({ digest, matters: matters === 1 })
