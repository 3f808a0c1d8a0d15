/** Blobs: what the disk holds, which repositories may serve it, and which files are in doubt. */
import type { Digest } from '../oci/digest.ts'
import type { Row, Run } from './database.ts'

/** One leaf of the DAG; a blob that fits into one has its digest for a leaf hash. */
export const LEAF_SIZE = 1024 * 1024

/** A digest whose file may stand on the disk without a row. */
export interface Doubt {
  readonly digest: Digest
  /** The upload whose bytes may have become that file. */
  readonly upload?: string | null | undefined
  /** In bytes. */
  readonly size?: number | null | undefined
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

  /** Records that the disk holds it. */
  async add(digest: Digest, size: number): Promise<void> {
    const leaved = size <= LEAF_SIZE && digest.startsWith('sha256:') ? 1 : 0
    await run(
      'INSERT INTO blobs (digest, size, leaved) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      digest,
      size,
      leaved,
    )
    await run('DELETE FROM doubts WHERE digest = ?', digest)
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

  /** Forgets a blob that nothing needs any more and puts its file in doubt. `false` while it is needed. */
  async forget(digest: Digest): Promise<boolean> {
    const rows = await run(
      `DELETE FROM blobs WHERE digest = ?
         AND NOT EXISTS (SELECT 1 FROM links WHERE blob = blobs.id)
         AND NOT EXISTS (SELECT 1 FROM manifests WHERE blob = blobs.id)
       RETURNING id`,
      digest,
    )
    if (rows.length > 0) await this.doubt({ digest })
    return rows.length > 0
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
