/**
 * Tags: names for a repository's manifests. Those that clients set here have a history; those that were taken from peers
 * say whose they are, give way to the others, and are never told to anybody else.
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

/** A tag taken from a peer, as it stands here. */
export interface TakenTag extends PeerTag {
  /** When peers were last asked for it: milliseconds since 1970. */
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

  /** Notes what a peer's tag names, a manifest that the repository holds. Of no effect where the tag was set here. */
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

  /** Forgets the tags taken from these peers; or, with `but`, from all others. The manifests stay. */
  async forgetPeers(peers: readonly string[], { but = false } = {}): Promise<void> {
    await run(
      `DELETE FROM tags WHERE peer IS NOT NULL AND peer ${but ? 'NOT IN' : 'IN'} (SELECT value FROM json_each(?))`,
      JSON.stringify(peers),
    )
  },

  /** Removes the tag with its history; the manifest stays. `false` where there was none. */
  async delete(repository: string, tag: string): Promise<boolean> {
    const where = 'WHERE repository = (SELECT id FROM repositories WHERE name = ?) AND name = ?'
    await run(`DELETE FROM tag_history ${where}`, repository, tag)
    return (await run(`DELETE FROM tags ${where} RETURNING name`, repository, tag)).length > 0
  },

  /** Every digest that the tag ever named, latest first. */
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
