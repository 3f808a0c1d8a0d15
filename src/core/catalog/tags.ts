/**
 * Tags: names for a repository's manifests. Tags that clients set here have a history. Tags from peers record the peer,
 * are replaced by those that are set here, and are never passed on.
 */
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'
import type { Page } from './repositories.ts'

/** A tag as a peer has set it. */
export interface PeerTag {
  readonly digest: Digest
  readonly peer: string
  /** Milliseconds since 1970. */
  readonly taggedAt: number
}

/** A tag from a peer, as it is recorded here. */
export interface TakenTag extends PeerTag {
  /** The time at which peers were last asked for it: milliseconds since 1970. */
  readonly checkedAt: number
}

export const tagQueries = (run: Run) => ({
  /** In byte order. */
  async list(repository: string, { last = '', limit }: Page): Promise<string[]> {
    const rows = await run<{ name: string }>(
      `SELECT name FROM tags
       WHERE repository = (SELECT id FROM repositories WHERE name = ?) AND name > ?
       ORDER BY name LIMIT ?`,
      repository,
      last,
      limit,
    )
    return rows.map((row) => row.name)
  },

  /** Points the tag at a manifest that the repository holds. `now` in milliseconds since 1970. */
  async put(repository: string, tag: string, digest: Digest, now: number): Promise<void> {
    await run(
      `INSERT INTO tags (repository, name, manifest)
       SELECT manifests.repository, ?, manifests.id FROM manifests
       JOIN repositories ON repositories.id = manifests.repository
       JOIN blobs ON blobs.id = manifests.blob
       WHERE repositories.name = ? AND digest = ?
       ON CONFLICT DO UPDATE SET manifest = excluded.manifest, peer = NULL, tagged_at = NULL, checked_at = NULL`,
      tag,
      repository,
      digest,
    )
    await run(
      `INSERT INTO tag_history (repository, name, digest, tagged_at)
       SELECT id, ?, ?, ? FROM repositories WHERE name = ?
       ON CONFLICT DO UPDATE SET tagged_at = excluded.tagged_at`,
      tag,
      digest,
      now,
      repository,
    )
  },

  /** Records a peer's tag for a manifest that the repository holds. Does nothing if the tag was set here. */
  async take(
    repository: string,
    tag: string,
    { digest, peer, taggedAt, checkedAt }: TakenTag,
  ): Promise<void> {
    await run(
      `INSERT INTO tags (repository, name, manifest, peer, tagged_at, checked_at)
       SELECT manifests.repository, ?, manifests.id, ?, ?, ? FROM manifests
       JOIN repositories ON repositories.id = manifests.repository
       JOIN blobs ON blobs.id = manifests.blob
       WHERE repositories.name = ? AND digest = ?
       ON CONFLICT DO UPDATE SET manifest = excluded.manifest, peer = excluded.peer,
         tagged_at = excluded.tagged_at, checked_at = excluded.checked_at
       WHERE tags.peer IS NOT NULL`,
      tag,
      peer,
      taggedAt,
      checkedAt,
      repository,
      digest,
    )
  },

  /** Removes the tags of these peers, or with `but`, of all others. The manifests stay. */
  async forgetPeers(peers: readonly string[], { but = false } = {}): Promise<void> {
    await run(
      `DELETE FROM tags WHERE peer IS NOT NULL AND peer ${but ? 'NOT IN' : 'IN'} (SELECT value FROM json_each(?))`,
      JSON.stringify(peers),
    )
  },

  /** Removes the tag with its history; the manifest stays. `false` if it did not exist. */
  async delete(repository: string, tag: string): Promise<boolean> {
    const where = 'WHERE repository = (SELECT id FROM repositories WHERE name = ?) AND name = ?'
    await run(`DELETE FROM tag_history ${where}`, repository, tag)
    return (await run(`DELETE FROM tags ${where} RETURNING name`, repository, tag)).length > 0
  },

  /** Every digest that the tag has ever named, latest first. */
  async history(repository: string, tag: string): Promise<Digest[]> {
    const rows = await run<{ digest: Digest }>(
      `SELECT digest FROM tag_history
       WHERE repository = (SELECT id FROM repositories WHERE name = ?) AND name = ?
       ORDER BY tagged_at DESC`,
      repository,
      tag,
    )
    return rows.map((row) => row.digest)
  },
})

/** The newest record of a tag that a peer has given. Without it, the peer could pass off an old tag as the newest. */
export interface SeenTag {
  readonly peer: string
  /** The time at which the peer set the tag: milliseconds since 1970. */
  readonly taggedAt: number
}

/** The oldest are dropped first. */
export const MAX_SEEN_TAGS = 10_000

export const seenTagQueries = (run: Run) => ({
  async of(repository: string, tag: string): Promise<SeenTag[]> {
    return run<{ peer: string; taggedAt: number }>(
      'SELECT peer, tagged_at AS taggedAt FROM tag_sightings WHERE repository = ? AND tag = ?',
      repository,
      tag,
    )
  },

  /** Does nothing if a newer one is recorded. */
  async note(repository: string, tag: string, { peer, taggedAt }: SeenTag): Promise<void> {
    await run(
      `INSERT OR REPLACE INTO tag_sightings (repository, tag, peer, tagged_at)
       SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (
         SELECT 1 FROM tag_sightings WHERE repository = ?1 AND tag = ?2 AND peer = ?3 AND tagged_at >= ?4)`,
      repository,
      tag,
      peer,
      taggedAt,
    )
    await run('DELETE FROM tag_sightings WHERE id <= (SELECT max(id) FROM tag_sightings) - ?', MAX_SEEN_TAGS)
  },
})
