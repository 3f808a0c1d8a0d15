/**
 * Pins: the list of digests and the root CIDs of their DAGs, written only after the pin has worked, and the work
 * lists around it, which survive a restart.
 *
 * A root stands in `unpins` from before it is pinned until its row is written, and again when its blob is gone. So
 * whatever moment a crash picks, no row is without a pin, and no pin is forgotten.
 */
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'

/** Rows looked through at a time, so that others get their turn. */
const PAGE = 500

/** A blob whose leaves are known and that is not pinned. */
export interface Unpinned {
  /** In bytes. */
  readonly size: number
  /** 32 bytes a leaf; `null` where the only leaf has the digest's own hash. */
  readonly hashes: Uint8Array | null
}

export const pinQueries = (run: Run) => ({
  /** The blobs that have no pin though their leaves are known, oldest first. */
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

  /** `undefined` where it is pinned, or its leaves are not known, or it is not held. */
  async unpinned(digest: Digest): Promise<Unpinned | undefined> {
    const [row] = await run<{ size: number; hashes: Uint8Array | null }>(
      `SELECT size, hashes FROM blobs LEFT JOIN leaves ON leaves.blob = blobs.id
       WHERE digest = ? AND leaved = 1 AND NOT EXISTS (SELECT 1 FROM pins WHERE blob = blobs.id)`,
      digest,
    )
    return row
  },

  /** Writes down that the root is about to be pinned. */
  async begin(root: string): Promise<void> {
    await run('INSERT INTO unpins (root) VALUES (?) ON CONFLICT DO NOTHING', root)
  },

  /**
   * Records that the root is pinned for this blob. Of no effect where the blob is gone: the root then stays with
   * those to unpin. So does a root that the blob had before.
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

  /** The blobs with this root: several where the same bytes are held by digests of several algorithms. */
  async digests(root: string): Promise<Digest[]> {
    const sql = 'SELECT digest FROM pins JOIN blobs ON blobs.id = pins.blob WHERE root = ?'
    return (await run<{ digest: Digest }>(sql, root)).map((row) => row.digest)
  },

  /** Roots that are pinned, or may be, without a row that names them. */
  async unpins(): Promise<string[]> {
    return (await run<{ root: string }>('SELECT root FROM unpins')).map((row) => row.root)
  },

  /** Records that the root is not pinned any more, or named again. */
  async settle(root: string): Promise<void> {
    await run('DELETE FROM unpins WHERE root = ?', root)
  },
})
