/**
 * Orphans: blobs that a repository serves and none of its manifests needs. A push creates them before its manifest comes,
 * and leaves them behind if none does. Triggers maintain their list, so no query looks through all blobs.
 */
import type { Digest } from '../oci/digest.ts'
import type { Row, Run } from './database.ts'

/** Which orphans may go. */
export interface OrphanRule {
  /** Those that were last pushed, mounted or requested before this: milliseconds since 1970. */
  readonly unusedSince: number
  /** Repositories whose orphans stay, because they are being pushed to. */
  readonly spared: readonly string[]
  /** Only those of this repository. */
  readonly repository?: string | null | undefined
}

export interface Orphan {
  readonly id: number
  readonly digest: Digest
}

/** Rows read at a time. */
export const ORPHANS_PAGE = 200

/** Of `home`. `?1` to `?3` are the rule. */
const IS_FREE = `(?3 IS NULL OR home.name = ?3) AND home.name NOT IN (SELECT value FROM json_each(?2))`

/** All links to it are orphans, and it is no manifest, so its bytes go with them. */
const IS_ALONE = `NOT EXISTS (SELECT 1 FROM manifests WHERE manifests.blob = blobs.id)
  AND NOT EXISTS (
    SELECT 1 FROM links WHERE links.blob = blobs.id AND NOT EXISTS (
      SELECT 1 FROM orphans WHERE orphans.blob = links.blob AND orphans.repository = links.repository))`

export const orphanQueries = (run: Run) => ({
  /** Bytes that no image in any repository needs, pushed and from peers. */
  async totals(): Promise<{ readonly pushed: number; readonly cached: number }> {
    const rows = await run<{ cached: number; bytes: number }>(
      `SELECT cached, sum(size) AS bytes FROM blobs
       WHERE id IN (SELECT blob FROM orphans) AND ${IS_ALONE} GROUP BY cached`,
    )
    const bytes = (cached: number) => rows.find((row) => row.cached === cached)?.bytes ?? 0
    return { pushed: bytes(0), cached: bytes(1) }
  },

  /** Bytes that the rule would free. */
  async bytes(rule: OrphanRule): Promise<number> {
    const [row] = await run<{ bytes: number }>(
      `SELECT ifnull(sum(size), 0) AS bytes FROM blobs
       WHERE id IN (SELECT blob FROM orphans) AND used_at < ?1 AND ${IS_ALONE} AND NOT EXISTS (
         SELECT 1 FROM orphans JOIN repositories AS home ON home.id = orphans.repository
         WHERE orphans.blob = blobs.id AND NOT (${IS_FREE}))`,
      ...valuesOf(rule),
    )
    return row!.bytes
  },

  /** Orphans with ids above `last` that may go in some repository. */
  async list(last: number, rule: OrphanRule): Promise<Orphan[]> {
    return run<Orphan & Row>(
      `SELECT DISTINCT blobs.id, digest FROM orphans
       CROSS JOIN blobs ON blobs.id = orphans.blob
       CROSS JOIN repositories AS home ON home.id = orphans.repository
       WHERE orphans.blob > ?4 AND used_at < ?1 AND ${IS_FREE}
       ORDER BY orphans.blob LIMIT ${ORPHANS_PAGE}`,
      ...valuesOf(rule),
      last,
    )
  },

  /** Stops serving it in repositories where it is an orphan that may go. `false` if it stays in all of them. */
  async unlink(digest: Digest, rule: OrphanRule): Promise<boolean> {
    const rows = await run<{ repository: number }>(
      `DELETE FROM links WHERE (repository, blob) IN (
         SELECT orphans.repository, blobs.id FROM blobs
         CROSS JOIN orphans ON orphans.blob = blobs.id
         CROSS JOIN repositories AS home ON home.id = orphans.repository
         WHERE digest = ?4 AND used_at < ?1 AND ${IS_FREE})
       RETURNING repository`,
      ...valuesOf(rule),
      digest,
    )
    for (const { repository } of rows) await this.dropEmpty(repository)
    return rows.length > 0
  },

  /** Deletes a repository that serves nothing and has no history. */
  async dropEmpty(repository: number): Promise<void> {
    await run(
      `DELETE FROM repositories WHERE id = ?1 AND NOT EXISTS (
         SELECT 1 FROM links WHERE repository = ?1
         UNION ALL SELECT 1 FROM manifests WHERE repository = ?1
         UNION ALL SELECT 1 FROM tag_history WHERE repository = ?1
         UNION ALL SELECT 1 FROM deletions WHERE repository = ?1)`,
      repository,
    )
  },

  /** Called when a manifest is deleted: what it needs counts as used now, because it may be pushed again. */
  async touchNeeds(repository: string, digest: Digest, now: number): Promise<void> {
    await run(
      `UPDATE blobs SET used_at = ?3 WHERE digest IN (
         SELECT needs.digest FROM manifests
         JOIN repositories ON repositories.id = manifests.repository
         JOIN blobs ON blobs.id = manifests.blob
         JOIN needs ON needs.manifest = manifests.id
         WHERE repositories.name = ?1 AND blobs.digest = ?2)`,
      repository,
      digest,
      now,
    )
  },

  /** Records a use by a client that relies on it from now on. `false` if the repository no longer serves it. */
  async touch(repository: string, digest: Digest, now: number): Promise<boolean> {
    const rows = await run(
      `UPDATE blobs SET used_at = ?3 WHERE digest = ?2 AND id IN (
         SELECT blob FROM links JOIN repositories ON repositories.id = repository WHERE name = ?1)
       RETURNING id`,
      repository,
      digest,
      now,
    )
    return rows.length > 0
  },
})

const valuesOf = ({ unusedSince, spared, repository = null }: OrphanRule) =>
  [unusedSince, JSON.stringify(spared), repository] as const
