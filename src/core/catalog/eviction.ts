/**
 * Keeping: when things were used last, what has to stay, and what may go. Only what came from peers ever goes: an image
 * that nothing in its repository holds, and blobs that no manifest of their repository needs.
 */
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'
import { orphanQueries } from './orphans.ts'

/** A blob or manifest as a repository serves it. */
export interface Served {
  readonly repository: string
  readonly digest: Digest
}

/** A place in the order of last use. */
export interface Place {
  /** Milliseconds since 1970. */
  readonly usedAt: number
  readonly id: number
}

/** What is cached, and whether it may go. */
export interface CachedImage extends Place, Served {
  readonly mayGo: boolean
}

export interface CachedBlob extends Place {
  readonly digest: Digest
  readonly mayGo: boolean
}

/** When things must have been used to be spared: milliseconds since 1970. */
export interface Limits {
  /** Anything used since. */
  readonly recent: number
  /** What was used since in a repository that is being pushed to: its client may count on it. */
  readonly pushing: number
  /** Digests on their way here: what needs them stays. */
  readonly arriving: readonly Digest[]
}

/** Rows looked through at a time. */
export const PAGE = 200

/**
 * Nobody keeps it or tagged it here, no manifest here needs it, it is not listed as a referrer of one that is here, and nothing
 * of it is on its way. Of `image` and its `blobs`; `?1` are the digests on their way. A `CROSS JOIN` is read from left to right: few
 * manifests need one digest, and a repository may hold very many.
 */
const IS_FREE = `image.cached = 1
  AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.manifest = image.id)
  AND NOT EXISTS (SELECT 1 FROM tags WHERE tags.manifest = image.id AND tags.peer IS NULL)
  AND NOT EXISTS (
    SELECT 1 FROM needs CROSS JOIN manifests AS parent ON parent.id = needs.manifest
    WHERE needs.digest = blobs.digest AND parent.repository = image.repository)
  AND (image.vouched_by IS NULL OR NOT EXISTS (
    SELECT 1 FROM blobs AS other JOIN manifests AS subject ON subject.blob = other.id
    WHERE other.digest = image.subject AND subject.repository = image.repository))
  AND NOT EXISTS (
    SELECT 1 FROM json_each(?1) AS arriving
    CROSS JOIN needs ON needs.manifest = image.id AND needs.digest = arriving.value)`

/**
 * The repositories that serve a blob without a manifest that needs it, but for those with a push that may count on it.
 * `?1` is the limit of pushes.
 */
const LOOSE = `SELECT repository FROM orphans WHERE blob = blobs.id
  EXCEPT SELECT repositories.id FROM uploads CROSS JOIN repositories ON repositories.name = uploads.repository
  WHERE uploads.touched_at > ?1 AND blobs.used_at > ?1`

const MANIFEST = `SELECT manifests.id FROM manifests
  JOIN repositories ON repositories.id = manifests.repository
  JOIN blobs ON blobs.id = manifests.blob
  WHERE name = ? AND digest = ?`

const USES = `json_each(?1) AS use
  JOIN repositories ON repositories.name = use.value ->> 'repository'
  JOIN blobs ON blobs.digest = use.value ->> 'digest'`

export const keepingQueries = (run: Run) => ({
  /**
   * Writes down that these were used at `now`. The use of a blob is one of its image, for some clients read no more
   * than blobs; but not where several images have it in common.
   */
  async touch(uses: readonly Served[], now: number): Promise<void> {
    const list = JSON.stringify(uses)
    await run(`UPDATE blobs SET used_at = ?2 WHERE id IN (SELECT blobs.id FROM ${USES})`, list, now)
    await run(
      `UPDATE manifests SET used_at = ?2 WHERE id IN (
         SELECT manifests.id FROM ${USES}
         JOIN manifests ON manifests.repository = repositories.id AND manifests.blob = blobs.id
         UNION ALL
         SELECT max(needs.manifest) FROM ${USES}
         JOIN needs ON needs.digest = blobs.digest
         JOIN manifests ON manifests.id = needs.manifest AND manifests.repository = repositories.id
         WHERE NOT EXISTS (SELECT 1 FROM manifests WHERE manifests.blob = blobs.id)
         GROUP BY use.id HAVING count(*) = 1)`,
      list,
      now,
    )
  },

  /** `false` where the repository does not hold this manifest. */
  async keep(repository: string, digest: Digest): Promise<boolean> {
    await run(
      `INSERT INTO kept (manifest) SELECT id FROM (${MANIFEST}) WHERE true ON CONFLICT DO NOTHING`,
      repository,
      digest,
    )
    return (await run(MANIFEST, repository, digest)).length > 0
  },

  /** `false` where the repository does not hold this manifest. */
  async release(repository: string, digest: Digest): Promise<boolean> {
    await run(`DELETE FROM kept WHERE manifest = (${MANIFEST})`, repository, digest)
    return (await run(MANIFEST, repository, digest)).length > 0
  },

  async cachedBytes(): Promise<number> {
    return (await run<{ bytes: number }>('SELECT bytes FROM totals WHERE cached = 1'))[0]!.bytes
  },

  /** Images that came from peers, least recently used first: the next ones after `last`. */
  async images(last: Place, limits: Limits): Promise<CachedImage[]> {
    const rows = await run<Flagged<CachedImage>>(
      `SELECT image.id, image.used_at AS usedAt, name AS repository, digest, ${IS_FREE} AS mayGo
       FROM manifests AS image
       JOIN blobs ON blobs.id = image.blob
       JOIN repositories ON repositories.id = image.repository
       WHERE image.cached = 1 AND image.used_at < ?2 AND (image.used_at, image.id) > (?3, ?4)
       ORDER BY image.used_at, image.id LIMIT ${PAGE}`,
      JSON.stringify(limits.arriving),
      limits.recent,
      last.usedAt,
      last.id,
    )
    return rows.map(toCached)
  },

  /** Blobs that came from peers, least recently used first: the next ones after `last`. */
  async blobs(last: Place, limits: Limits): Promise<CachedBlob[]> {
    const rows = await run<Flagged<CachedBlob>>(
      `SELECT id, used_at AS usedAt, digest, EXISTS (${LOOSE}) AS mayGo
       FROM blobs
       WHERE cached = 1 AND used_at < ?2 AND (used_at, id) > (?3, ?4)
       ORDER BY used_at, id LIMIT ${PAGE}`,
      limits.pushing,
      limits.recent,
      last.usedAt,
      last.id,
    )
    return rows.map(toCached)
  },

  /** Forgets an image, if it may go. The blobs it needed and what refers to it may go now; `undefined` if it stays. */
  async removeImage(
    { repository, digest }: Served,
    limits: Limits,
  ): Promise<{ readonly needs: Digest[]; readonly referrers: Digest[] } | undefined> {
    const [image] = await run<{ id: number; repository: number }>(
      `SELECT image.id, image.repository FROM manifests AS image
       JOIN blobs ON blobs.id = image.blob
       JOIN repositories ON repositories.id = image.repository
       WHERE name = ?2 AND digest = ?3 AND image.used_at < ?4 AND ${IS_FREE}`,
      JSON.stringify(limits.arriving),
      repository,
      digest,
      limits.recent,
    )
    if (!image) return undefined
    const needs = await run<{ digest: Digest }>(
      `SELECT needs.digest FROM needs
       JOIN blobs ON blobs.digest = needs.digest
       JOIN links ON links.blob = blobs.id AND links.repository = ?1
       WHERE manifest = ?2 AND cached = 1 AND NOT EXISTS (
         SELECT 1 FROM needs AS other CROSS JOIN manifests ON manifests.id = other.manifest
         WHERE other.digest = needs.digest AND manifests.repository = ?1 AND manifests.id <> ?2)`,
      image.repository,
      image.id,
    )
    const referrers = await run<{ digest: Digest }>(
      `SELECT digest FROM manifests JOIN blobs ON blobs.id = manifests.blob
       WHERE repository = ? AND subject = ? AND manifests.cached = 1`,
      image.repository,
      digest,
    )
    await run('DELETE FROM tags WHERE manifest = ?', image.id) // those of peers go with what they name
    await run('DELETE FROM manifests WHERE id = ?', image.id)
    await orphanQueries(run).dropEmpty(image.repository)
    return { needs: needs.map((row) => row.digest), referrers: referrers.map((row) => row.digest) }
  },

  /** Stops serving a blob where no manifest needs it. `false` where it stays everywhere. */
  async unlinkLoose(digest: Digest, limits: Limits): Promise<boolean> {
    const [blob] = await run<{ id: number; loose: string }>(
      `SELECT id, (SELECT json_group_array(repository) FROM (${LOOSE})) AS loose
       FROM blobs WHERE digest = ?2 AND cached = 1 AND used_at < ?3`,
      limits.pushing,
      digest,
      limits.recent,
    )
    if (!blob || blob.loose === '[]') return false
    const sql = 'DELETE FROM links WHERE blob = ? AND repository IN (SELECT value FROM json_each(?))'
    await run(sql, blob.id, blob.loose)
    for (const repository of JSON.parse(blob.loose)) await orphanQueries(run).dropEmpty(repository)
    return true
  },
})

/** As SQLite gives a row: it has no booleans. */
type Flagged<T> = { [Key in keyof T]: T[Key] extends boolean ? number : T[Key] } & Record<
  string,
  string | number
>

const toCached = <T extends { readonly mayGo: boolean }>(row: Flagged<T>): T =>
  ({ ...row, mayGo: row['mayGo'] === 1 }) as unknown as T
