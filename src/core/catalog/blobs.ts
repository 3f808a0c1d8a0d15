/** Blobs: what the disk holds, which repositories may serve it, and which files are in doubt. */

import { isSingleLeaf } from '../leaf.ts'
import type { Digest } from '../oci/digest.ts'
import type { Row, Run } from './database.ts'

/** A digest whose file may stand on the disk without a row. */
export interface Doubt {
  readonly digest: Digest
  /** The upload whose bytes may have become that file. */
  readonly upload?: string | null | undefined
  /** In bytes. */
  readonly size?: number | null | undefined
}

/** How bytes have come here. */
export interface Provenance {
  /** From peers; otherwise by a push. */
  readonly isCached?: boolean | undefined
}

export interface ServedBlob {
  /** The last use of what no manifest of the repository needs, in milliseconds since 1970; else `null`. */
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

  /** Whether nothing is known to be on the disk, not even in doubt. */
  async isEmpty(): Promise<boolean> {
    return (await run('SELECT 1 FROM blobs UNION ALL SELECT 1 FROM doubts LIMIT 1')).length === 0
  },

  /** Records that the disk holds it. What was pushed once counts as pushed, whoever gives it again. */
  async add(digest: Digest, size: number, { isCached = false }: Provenance = {}): Promise<void> {
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

  /** As what a repository serves it. `undefined` where it does not. */
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

  /** A client relies on it: it counts as pushed from now on. */
  async claim(digest: Digest): Promise<void> {
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

  /** `false` where it was not linked. */
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
   * Forgets a blob that nothing needs any more and puts its file in doubt. Gives its size in bytes; `undefined` while
   * it is needed.
   */
  async forget(digest: Digest): Promise<number | undefined> {
    const [row] = await run<{ size: number }>(
      `DELETE FROM blobs WHERE digest = ?
         AND NOT EXISTS (SELECT 1 FROM links WHERE blob = blobs.id)
         AND NOT EXISTS (SELECT 1 FROM manifests WHERE blob = blobs.id)
       RETURNING size`,
      digest,
    )
    if (row) await this.doubt({ digest })
    return row?.size
  },

  async doubt({ digest, upload = null, size = null }: Doubt): Promise<void> {
    const sql = 'INSERT OR REPLACE INTO doubts (digest, upload, size) VALUES (?, ?, ?)'
    await run(sql, digest, upload, size)
  },

  async settle(digest: Digest): Promise<void> {
    await run('DELETE FROM doubts WHERE digest = ?', digest)
  },

  async doubts(): Promise<Doubt[]> {
    return run<Doubt & Row>('SELECT digest, upload, size FROM doubts')
  },
})
