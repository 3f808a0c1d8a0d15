/** Downloads: which upload gathers the bytes of a blob that comes from elsewhere. */
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'

export const downloadQueries = (run: Run) => ({
  async uploadOf(digest: Digest): Promise<string | undefined> {
    const sql = 'SELECT upload FROM downloads WHERE digest = ?'
    return (await run<{ upload: string }>(sql, digest))[0]?.upload
  },

  /** Whether an upload gathers a download. */
  async has(upload: string): Promise<boolean> {
    return (await run('SELECT 1 FROM downloads WHERE upload = ?', upload)).length > 0
  },

  async put(digest: Digest, upload: string, now: number): Promise<void> {
    const sql = 'INSERT OR REPLACE INTO downloads (digest, upload, touched_at) VALUES (?, ?, ?)'
    await run(sql, digest, upload, now)
  },

  async delete(digest: Digest): Promise<void> {
    await run('DELETE FROM downloads WHERE digest = ?', digest)
  },

  /** Those that have not been under way since `time`, in milliseconds since 1970. */
  async untouchedSince(time: number): Promise<{ readonly digest: Digest; readonly upload: string }[]> {
    return run<{ digest: Digest; upload: string }>(
      'SELECT digest, upload FROM downloads WHERE touched_at < ? ORDER BY touched_at',
      time,
    )
  },
})
