/**
 * Referrers from peers: manifests that refer to another one. Anybody who may push can make one, and no digest proves that
 * it belongs to its subject. So each is listed only if a trusted peer vouches for it, and the peer is recorded.
 */
import type { Digest } from '../oci/digest.ts'
import type { Row, Run } from './database.ts'

export interface PeerReferrer {
  readonly digest: Digest
  /** The peer that vouches for it. */
  readonly peer: string
}

const MANIFEST = `repository = (SELECT id FROM repositories WHERE name = ?1)
  AND blob = (SELECT id FROM blobs WHERE digest = ?2)`

export const peerReferrerQueries = (run: Run) => ({
  /** All referrers that peers vouch for, oldest first. */
  async list(repository: string, subject: Digest): Promise<PeerReferrer[]> {
    return run<PeerReferrer & Row>(
      `SELECT digest, vouched_by AS peer FROM manifests JOIN blobs ON blobs.id = blob
       WHERE repository = (SELECT id FROM repositories WHERE name = ?) AND subject = ?
         AND manifests.cached = 1 AND vouched_by IS NOT NULL
       ORDER BY manifests.id`,
      repository,
      subject,
    )
  },

  /** Those of the digests that are here and refer to `subject`, but were not pushed and have no peer that vouches for them. */
  async unlisted(
    repository: string,
    subject: Digest,
    digests: readonly Digest[],
    maxBytes: number,
  ): Promise<Digest[]> {
    const rows = await run<{ digest: Digest }>(
      `SELECT digest FROM json_each(?3) CROSS JOIN blobs ON digest = value
       CROSS JOIN manifests ON blob = blobs.id AND repository = (SELECT id FROM repositories WHERE name = ?1)
       WHERE subject = ?2 AND manifests.cached = 1 AND vouched_by IS NULL AND size <= ?4`,
      repository,
      subject,
      JSON.stringify(digests),
      maxBytes,
    )
    return rows.map((row) => row.digest)
  },

  /** Records the peer that vouches for it, in place of an earlier one. Does nothing if it was pushed. */
  async vouch(repository: string, subject: Digest, { digest, peer }: PeerReferrer): Promise<void> {
    const sql = `UPDATE manifests SET vouched_by = ?4 WHERE ${MANIFEST} AND subject = ?3 AND cached = 1`
    await run(sql, repository, digest, subject, peer)
  },

  /** Removes a referrer that is here only because a peer vouches for it. `false` if it was pushed, is kept or has a tag. */
  async drop(repository: string, digest: Digest): Promise<boolean> {
    const rows = await run(
      `DELETE FROM manifests WHERE ${MANIFEST} AND cached = 1 AND vouched_by IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM kept WHERE manifest = manifests.id)
         AND NOT EXISTS (SELECT 1 FROM tags WHERE manifest = manifests.id)
       RETURNING id`,
      repository,
      digest,
    )
    return rows.length > 0
  },
})
