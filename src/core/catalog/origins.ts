/** Origins: which peers gave the bytes of a blob. */
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'

export const originQueries = (run: Run) => ({
  /** Adds to what the peer gave before. Of no effect for a blob that is not held. */
  async add(digest: Digest, peer: string, bytes: number): Promise<void> {
    await run(
      `INSERT INTO origins (blob, peer, bytes) SELECT id, ?, ? FROM blobs WHERE digest = ?
       ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes`,
      peer,
      bytes,
      digest,
    )
  },

  /** The bytes that each peer gave, most first. Empty for a blob that was pushed. */
  async of(digest: Digest): Promise<{ readonly peer: string; readonly bytes: number }[]> {
    return run<{ peer: string; bytes: number }>(
      `SELECT peer, bytes FROM origins JOIN blobs ON blobs.id = origins.blob WHERE digest = ?
       ORDER BY bytes DESC, peer`,
      digest,
    )
  },
})
