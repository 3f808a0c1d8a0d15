/** Tags: names for a repository's manifests, and the digests that each has named. */
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'
import type { Page } from './repositories.ts'

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
       ON CONFLICT DO UPDATE SET manifest = excluded.manifest`,
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
