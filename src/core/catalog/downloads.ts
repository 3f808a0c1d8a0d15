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

  /** @param bytes - what it holds while nobody goes on with it */
  async put(digest: Digest, upload: string, now: number, bytes: number): Promise<void> {
    const sql = 'INSERT OR REPLACE INTO downloads (digest, upload, touched_at, bytes) VALUES (?, ?, ?, ?)'
    await run(sql, digest, upload, now, bytes)
  },

  async delete(digest: Digest): Promise<void> {
    await run('DELETE FROM downloads WHERE digest = ?', digest)
  },

  /** Forgets an upload, whatever it gathers. */
  async forget(upload: string): Promise<void> {
    await run('DELETE FROM downloads WHERE upload = ?', upload)
  },

  /** Those that gather a download. */
  async uploads(): Promise<string[]> {
    return (await run<{ upload: string }>('SELECT upload FROM downloads')).map(({ upload }) => upload)
  },

  /** What waits for a later start, in bytes. */
  async waitingBytes(): Promise<number> {
    return (await run<{ bytes: number }>('SELECT ifnull(sum(bytes), 0) AS bytes FROM downloads'))[0]!.bytes
  },

  /** Those that have not been under way since `time`, in milliseconds since 1970. */
  async untouchedSince(time: number): Promise<{ readonly digest: Digest; readonly upload: string }[]> {
    return run<{ digest: Digest; upload: string }>(
      'SELECT digest, upload FROM downloads WHERE touched_at < ? ORDER BY touched_at',
      time,
    )
  },
})
