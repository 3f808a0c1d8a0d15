/** Downloads: the upload that holds the bytes of a blob from peers; and sources: the peers that gave them. */
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'

export const downloadQueries = (run: Run) => ({
  async uploadOf(digest: Digest): Promise<string | undefined> {
    const sql = 'SELECT upload FROM downloads WHERE digest = ?'
    return (await run<{ upload: string }>(sql, digest))[0]?.upload
  },

  /** Whether the upload holds a download. */
  async has(upload: string): Promise<boolean> {
    return (await run('SELECT 1 FROM downloads WHERE upload = ?', upload)).length > 0
  },

  /** @param bytes - what the upload holds if the download is not active */
  async put(digest: Digest, upload: string, now: number, bytes: number): Promise<void> {
    const sql = 'INSERT OR REPLACE INTO downloads (digest, upload, touched_at, bytes) VALUES (?, ?, ?, ?)'
    await run(sql, digest, upload, now, bytes)
  },

  async delete(digest: Digest): Promise<void> {
    await run('DELETE FROM downloads WHERE digest = ?', digest)
  },

  /** Forgets the download that this upload holds. */
  async forget(upload: string): Promise<void> {
    await run('DELETE FROM downloads WHERE upload = ?', upload)
  },

  /** The ids of all uploads that hold downloads. */
  async uploads(): Promise<string[]> {
    return (await run<{ upload: string }>('SELECT upload FROM downloads')).map(({ upload }) => upload)
  },

  /** Bytes of downloads that can be resumed and are not active. */
  async waitingBytes(): Promise<number> {
    return (await run<{ bytes: number }>('SELECT ifnull(sum(bytes), 0) AS bytes FROM downloads'))[0]!.bytes
  },

  /** Those that have not been active since `time`, in milliseconds since 1970. */
  async untouchedSince(time: number): Promise<{ readonly digest: Digest; readonly upload: string }[]> {
    return run<{ digest: Digest; upload: string }>(
      'SELECT digest, upload FROM downloads WHERE touched_at < ? ORDER BY touched_at',
      time,
    )
  },
})

export const sourceQueries = (run: Run) => ({
  /** Adds to the peer's bytes. Does nothing if the blob does not exist. */
  async add(digest: Digest, peer: string, bytes: number): Promise<void> {
    await run(
      `INSERT INTO origins (blob, peer, bytes) SELECT id, ?, ? FROM blobs WHERE digest = ?
       ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes`,
      peer,
      bytes,
      digest,
    )
  },

  /** The bytes that each peer gave, in descending order. Empty for a blob that was pushed. */
  async of(digest: Digest): Promise<{ readonly peer: string; readonly bytes: number }[]> {
    return run<{ peer: string; bytes: number }>(
      `SELECT peer, bytes FROM origins JOIN blobs ON blobs.id = origins.blob WHERE digest = ?
       ORDER BY bytes DESC, peer`,
      digest,
    )
  },
})
