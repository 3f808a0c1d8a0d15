/** Facts for the share policy and for responses to peers: which repositories a digest belongs to, what it is, and its referrers. */
import type { Digest } from '../oci/digest.ts'
import type { Row, Run } from './database.ts'

/** What the catalog knows about a blob or manifest. */
export interface BlobFacts {
  /** In bytes. */
  readonly size: number
  /** The root CID of its DAG; `null` before it is pinned. */
  readonly root: string | null
  /** Of a manifest; `null` for a blob. */
  readonly mediaType: string | null
}

/** What a tag names, and the time at which it was set to that: milliseconds since 1970. */
export interface Tagging {
  readonly digest: Digest
  readonly taggedAt: number
}

export const shareFactQueries = (run: Run) => ({
  /** Names of the repositories that serve it, as a blob or a manifest: the next `limit` in byte order after `last`. */
  async repositoriesOf(
    digest: Digest,
    { last = '', limit }: { last?: string; limit: number },
  ): Promise<string[]> {
    const rows = await run<{ name: string }>(
      `SELECT name FROM repositories WHERE name > ?1 AND id IN (
         SELECT repository FROM links WHERE blob = (SELECT id FROM blobs WHERE digest = ?2)
         UNION ALL
         SELECT repository FROM manifests WHERE blob = (SELECT id FROM blobs WHERE digest = ?2))
       ORDER BY name LIMIT ?3`,
      last,
      digest,
      limit,
    )
    return rows.map((row) => row.name)
  },

  /** Whether the repository serves it, as a blob or a manifest. */
  async serves(repository: string, digest: Digest): Promise<boolean> {
    const rows = await run(
      `SELECT 1 FROM repositories AS home JOIN blobs ON digest = ?2 WHERE name = ?1 AND (
         EXISTS (SELECT 1 FROM links WHERE repository = home.id AND blob = blobs.id)
         OR EXISTS (SELECT 1 FROM manifests WHERE repository = home.id AND blob = blobs.id))`,
      repository,
      digest,
    )
    return rows.length > 0
  },

  /** Whether a manifest of the repository needs it, so that it belongs there. */
  async needs(repository: string, digest: Digest): Promise<boolean> {
    const rows = await run(
      `SELECT 1 FROM needs CROSS JOIN manifests ON manifests.id = needs.manifest
       WHERE needs.digest = ?2 AND manifests.repository = (SELECT id FROM repositories WHERE name = ?1) LIMIT 1`,
      repository,
      digest,
    )
    return rows.length > 0
  },

  async factsOf(digest: Digest): Promise<BlobFacts | undefined> {
    const rows = await run<BlobFacts & Row>(
      `SELECT size, pins.root,
         (SELECT media_type FROM manifests WHERE manifests.blob = blobs.id LIMIT 1) AS mediaType
       FROM blobs LEFT JOIN pins ON pins.blob = blobs.id
       WHERE digest = ?`,
      digest,
    )
    return rows[0]
  },

  /**
   * Referrers of `subject` in any repository: each digest with a repository that lists it, and with the peer that vouches
   * for it; `null` if it was pushed. Pushed ones first, then the newest.
   */
  async referrersOf(
    subject: Digest,
    limit: number,
  ): Promise<{ digest: Digest; repository: string; peer: string | null }[]> {
    return run<{ digest: Digest; repository: string; peer: string | null }>(
      `SELECT digest, repositories.name AS repository, iif(manifests.cached, vouched_by, NULL) AS peer
       FROM repositories
       JOIN manifests ON manifests.repository = repositories.id
       JOIN blobs ON blobs.id = manifests.blob
       WHERE subject = ? AND (manifests.cached = 0 OR vouched_by IS NOT NULL)
       ORDER BY manifests.cached, manifests.id DESC LIMIT ?`,
      subject,
      limit,
    )
  },

  /** Only tags that were set here: peers do not pass on each other's tags. */
  async tagging(repository: string, tag: string): Promise<Tagging | undefined> {
    const rows = await run<Tagging & Row>(
      `SELECT blobs.digest, history.tagged_at AS taggedAt FROM tags
       JOIN manifests ON manifests.id = tags.manifest
       JOIN blobs ON blobs.id = manifests.blob
       JOIN tag_history AS history
         ON history.repository = tags.repository AND history.name = tags.name AND history.digest = blobs.digest
       WHERE tags.repository = (SELECT id FROM repositories WHERE name = ?) AND tags.name = ?
         AND tags.peer IS NULL`,
      repository,
      tag,
    )
    return rows[0]
  },
})
