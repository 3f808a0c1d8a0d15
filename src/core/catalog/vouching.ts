/**
 * Vouching: manifests that came from peers and refer to another one. That is said by whoever may push, and proved by no
 * digest, so they are listed only on the word of a peer, whose name stands with each.
 */
import type { Digest } from '../oci/digest.ts'
import type { Row, Run } from './database.ts'

export interface Vouched {
  readonly digest: Digest
  /** Whose word it is. */
  readonly peer: string
}

const MANIFEST = `repository = (SELECT id FROM repositories WHERE name = ?1)
  AND blob = (SELECT id FROM blobs WHERE digest = ?2)`

export const vouchingQueries = (run: Run) => ({
  /** All that is listed on the word of peers, in the order in which it came. */
  async vouched(repository: string, subject: Digest): Promise<Vouched[]> {
    return run<Vouched & Row>(
      `SELECT digest, vouched_by AS peer FROM manifests JOIN blobs ON blobs.id = blob
       WHERE repository = (SELECT id FROM repositories WHERE name = ?) AND subject = ?
         AND manifests.cached = 1 AND vouched_by IS NOT NULL
       ORDER BY manifests.id`,
      repository,
      subject,
    )
  },

  /** Of these digests, those that are here and refer to `subject`, though no peer and no push says so. */
  async unlisted(
    repository: string,
    subject: Digest,
    digests: readonly Digest[],
    mostBytes: number,
  ): Promise<Digest[]> {
    const rows = await run<{ digest: Digest }>(
      `SELECT digest FROM json_each(?3) CROSS JOIN blobs ON digest = value
       CROSS JOIN manifests ON blob = blobs.id AND repository = (SELECT id FROM repositories WHERE name = ?1)
       WHERE subject = ?2 AND manifests.cached = 1 AND vouched_by IS NULL AND size <= ?4`,
      repository,
      subject,
      JSON.stringify(digests),
      mostBytes,
    )
    return rows.map((row) => row.digest)
  },

  /** Lists it on the word of this peer, in place of whose it was before. Of no effect for what was pushed. */
  async vouch(repository: string, subject: Digest, { digest, peer }: Vouched): Promise<void> {
    const sql = `UPDATE manifests SET vouched_by = ?4 WHERE ${MANIFEST} AND subject = ?3 AND cached = 1`
    await run(sql, repository, digest, subject, peer)
  },

  /** Forgets what is here on a peer's word alone. `false` where somebody pushed it, keeps it or gave it a tag. */
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
