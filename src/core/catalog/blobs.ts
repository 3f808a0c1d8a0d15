/** Blobs: what the disk holds, which repositories may serve it, and which files are in doubt. */

import { isSingleLeaf } from '../leaf.ts'
import type { Digest } from '../oci/digest.ts'
import type { Row, Run } from './database.ts'

/** A digest in doubt: its file may be on the disk without a row. */
export interface Doubt {
  readonly digest: Digest
  /** The upload whose bytes may have become the file. */
  readonly upload?: string | null | undefined
  /** In bytes. */
  readonly size?: number | null | undefined
}

export interface AddOptions {
  /** From peers; otherwise it was pushed. */
  readonly isCached?: boolean | undefined
}

export interface ServedBlob {
  /** If no manifest of the repository needs it, the time of its last use in milliseconds since 1970; else `null`. */
  readonly unneededSince: number | null
}

export const blobQueries = (run: Run) => ({
  async sizeIn(repository: string, digest: Digest): Promise<number | undefined> {
    const rows = await run<{ size: number }>(
      `SELECT size FROM blobs
       JOIN links ON links.blob = blobs.id
       JOIN repositories ON repositories.id = links.repository
       WHERE digest = ? AND name = ?`,
      digest,
      repository,
    )
    return rows[0]?.size
  },

  /** Whether any repository serves it as a blob. */
  async isLinked(digest: Digest): Promise<boolean> {
    const sql = 'SELECT 1 FROM blobs JOIN links ON links.blob = blobs.id WHERE digest = ? LIMIT 1'
    return (await run(sql, digest)).length > 0
  },

  async isHeld(digest: Digest): Promise<boolean> {
    return (await run('SELECT 1 FROM blobs WHERE digest = ?', digest)).length > 0
  },

  /** Whether the catalog knows no blob, not even one in doubt. */
  async isEmpty(): Promise<boolean> {
    return (await run('SELECT 1 FROM blobs UNION ALL SELECT 1 FROM doubts LIMIT 1')).length === 0
  },

  /** Records that the disk holds it, and ends its doubt. A blob that was pushed once stays pushed, even if peers give it too. */
  async add(digest: Digest, size: number, { isCached = false }: AddOptions = {}): Promise<void> {
    const leaved = isSingleLeaf(digest, size) ? 1 : 0
    await run(
      `INSERT INTO blobs (digest, size, leaved, cached, used_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET cached = min(cached, excluded.cached), used_at = excluded.used_at`,
      digest,
      size,
      leaved,
      isCached ? 1 : 0,
      Date.now(),
    )
    await run('DELETE FROM doubts WHERE digest = ?', digest)
  },

  /** `undefined` if the repository does not serve it. */
  async find(repository: string, digest: Digest): Promise<ServedBlob | undefined> {
    const rows = await run<ServedBlob & Row>(
      `SELECT (SELECT used_at FROM orphans WHERE orphans.blob = blobs.id AND orphans.repository = repositories.id)
         AS unneededSince
       FROM blobs
       JOIN links ON links.blob = blobs.id
       JOIN repositories ON repositories.id = links.repository
       WHERE digest = ?1 AND name = ?2`,
      digest,
      repository,
    )
    return rows[0]
  },

  /** A client relies on it, so it is not evicted as something from peers. */
  async markPushed(digest: Digest): Promise<void> {
    await run('UPDATE blobs SET cached = 0, used_at = ? WHERE digest = ?', Date.now(), digest)
  },

  async link(repository: string, digest: Digest): Promise<void> {
    await run(
      `INSERT INTO links (repository, blob)
       SELECT repositories.id, blobs.id FROM repositories, blobs WHERE name = ? AND digest = ?
       ON CONFLICT DO NOTHING`,
      repository,
      digest,
    )
  },

  /** `false` if it was not linked. */
  async unlink(repository: string, digest: Digest): Promise<boolean> {
    const rows = await run(
      `DELETE FROM links
       WHERE repository = (SELECT id FROM repositories WHERE name = ?)
         AND blob = (SELECT id FROM blobs WHERE digest = ?)
       RETURNING blob`,
      repository,
      digest,
    )
    return rows.length > 0
  },

  /**
   * Deletes the row of a blob that nothing needs, and puts its file in doubt. Returns its size in bytes; `undefined` if it
   * is still needed.
   */
  async forget(digest: Digest): Promise<number | undefined> {
    const [row] = await run<{ size: number }>(
      `DELETE FROM blobs WHERE digest = ?
         AND NOT EXISTS (SELECT 1 FROM links WHERE blob = blobs.id)
         AND NOT EXISTS (SELECT 1 FROM manifests WHERE blob = blobs.id)
       RETURNING size`,
      digest,
    )
    if (row) await this.recordDoubt({ digest })
    return row?.size
  },

  async recordDoubt({ digest, upload = null, size = null }: Doubt): Promise<void> {
    const sql = 'INSERT OR REPLACE INTO doubts (digest, upload, size) VALUES (?, ?, ?)'
    await run(sql, digest, upload, size)
  },

  async endDoubt(digest: Digest): Promise<void> {
    await run('DELETE FROM doubts WHERE digest = ?', digest)
  },

  async doubts(): Promise<Doubt[]> {
    return run<Doubt & Row>('SELECT digest, upload, size FROM doubts')
  },
})
