/** Uploads: the sessions of clients. Their bytes, and so their sizes, are on the disk. */
import type { Algorithm } from '../oci/digest.ts'
import type { Run } from './database.ts'

export const uploadQueries = (run: Run) => ({
  async add(id: string, repository: string, algorithm: Algorithm, now: number): Promise<void> {
    const sql =
      'INSERT INTO uploads (id, repository, algorithm, touched_at, written) VALUES (?, ?, ?, ?, 0) ON CONFLICT DO NOTHING'
    await run(sql, id, repository, algorithm, now)
  },

  /** The expected algorithm of the upload's digest. `undefined` if this repository has no such upload. */
  async find(id: string, repository: string): Promise<Algorithm | undefined> {
    const sql = 'SELECT algorithm FROM uploads WHERE id = ? AND repository = ?'
    return (await run<{ algorithm: Algorithm }>(sql, id, repository))[0]?.algorithm
  },

  async repositoryOf(id: string): Promise<string | undefined> {
    const sql = 'SELECT repository FROM uploads WHERE id = ?'
    return (await run<{ repository: string }>(sql, id))[0]?.repository
  },

  async touch(id: string, now: number): Promise<void> {
    await run('UPDATE uploads SET touched_at = ?, written = 1 WHERE id = ?', now, id)
  },

  async markWritten(id: string): Promise<void> {
    await run('UPDATE uploads SET written = 1 WHERE id = ?', id)
  },

  async count(): Promise<number> {
    return (await run<{ count: number }>('SELECT count(*) AS count FROM uploads'))[0]!.count
  },

  /** Uploads started before `time` (milliseconds since 1970) and, as far as the catalog knows, without bytes; oldest first. */
  async emptySince(time: number, limit: number): Promise<string[]> {
    const rows = await run<{ id: string }>(
      'SELECT id FROM uploads WHERE written = 0 AND touched_at < ? ORDER BY touched_at LIMIT ?',
      time,
      limit,
    )
    return rows.map((row) => row.id)
  },

  async delete(id: string): Promise<void> {
    await run('DELETE FROM uploads WHERE id = ?', id)
  },

  /** Uploads of one repository or of all that were not written to since `time`, in milliseconds since 1970. */
  async untouchedSince(time: number, repository?: string): Promise<string[]> {
    const rows = await run<{ id: string }>(
      'SELECT id FROM uploads WHERE touched_at < ?1 AND (?2 IS NULL OR repository = ?2) ORDER BY touched_at',
      time,
      repository ?? null,
    )
    return rows.map((row) => row.id)
  },

  async isUntouchedSince(id: string, time: number): Promise<boolean> {
    return (await run('SELECT 1 FROM uploads WHERE id = ? AND touched_at < ?', id, time)).length > 0
  },
})
