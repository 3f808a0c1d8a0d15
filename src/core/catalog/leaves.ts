/** Leaf hashes, and the list of blobs that have none yet, which survives a restart. */
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'

export const leafQueries = (run: Run) => ({
  /** Blobs after `last` whose leaves are not hashed yet, oldest first. */
  async missing(limit: number, last: Digest | null = null): Promise<Digest[]> {
    const sql = `SELECT digest FROM blobs
      WHERE leaved = 0 AND id > ifnull((SELECT id FROM blobs WHERE digest = ?), 0) ORDER BY id LIMIT ?`
    return (await run<{ digest: Digest }>(sql, last, limit)).map((row) => row.digest)
  },

  async isMissing(digest: Digest): Promise<boolean> {
    return (await run('SELECT 1 FROM blobs WHERE digest = ? AND leaved = 0', digest)).length > 0
  },

  /** `hashes`: the sha-256 of each leaf, 32 bytes each. Does nothing if the blob was deleted meanwhile. */
  async put(digest: Digest, hashes: Uint8Array): Promise<void> {
    await run(
      'INSERT INTO leaves (blob, hashes) SELECT id, ? FROM blobs WHERE digest = ? ON CONFLICT DO NOTHING',
      hashes,
      digest,
    )
    await run('UPDATE blobs SET leaved = 1 WHERE digest = ?', digest)
  },

  async get(digest: Digest): Promise<Uint8Array | undefined> {
    const sql = 'SELECT hashes FROM leaves JOIN blobs ON blobs.id = leaves.blob WHERE digest = ?'
    return (await run<{ hashes: Uint8Array }>(sql, digest))[0]?.hashes
  },
})
