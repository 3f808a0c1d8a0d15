/**
 * Eviction: when things were last used, what must stay, and what may go. Only what came from peers ever goes: an image that
 * nothing in its repository holds, and blobs that no manifest of their repository needs.
 */
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'
import { orphanQueries } from './orphans.ts'

/** A blob or manifest as a repository serves it. */
export interface Served {
  readonly repository: string
  readonly digest: Digest
}

/** A position in the order of last use. */
export interface UseCursor {
  /** Milliseconds since 1970. */
  readonly usedAt: number
  readonly id: number
}

/** An image from peers, and whether it may go. */
export interface CachedImage extends UseCursor, Served {
  readonly mayGo: boolean
}

export interface CachedBlob extends UseCursor {
  readonly digest: Digest
  readonly mayGo: boolean
}

/** What is spared. Times are in milliseconds since 1970. */
export interface EvictionLimits {
  /** Anything used since then. */
  readonly recent: number
  /** Anything used since then in a repository that is being pushed to, because the client may rely on it. */
  readonly pushing: number
  /** Digests that are being downloaded: what needs them stays. */
  readonly downloading: readonly Digest[]
}

/** Rows read at a time. */
export const EVICTION_PAGE = 200

/**
 * Of `image` and its `blobs`: it is not kept, has no tag that was set here, no manifest here needs it, it is no listed referrer
 * of a manifest here, and nothing that it needs is being downloaded (`?1`). SQLite runs a `CROSS JOIN` from left to right:
 * few manifests need one digest, and a repository may hold very many.
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
 * The repositories that serve a blob which none of their manifests needs, except those with a push that may rely on it since
 * `?1`.
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

export const evictionQueries = (run: Run) => ({
  /**
   * Records that these were used at `now`. The use of a blob counts as a use of its image, because some clients only read
   * blobs; but not if several images share the blob.
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

  /** `false` if the repository does not hold this manifest. */
  async keep(repository: string, digest: Digest): Promise<boolean> {
    await run(
      `INSERT INTO kept (manifest) SELECT id FROM (${MANIFEST}) WHERE true ON CONFLICT DO NOTHING`,
      repository,
      digest,
    )
    return (await run(MANIFEST, repository, digest)).length > 0
  },

  /** `false` if the repository does not hold this manifest. */
  async release(repository: string, digest: Digest): Promise<boolean> {
    await run(`DELETE FROM kept WHERE manifest = (${MANIFEST})`, repository, digest)
    return (await run(MANIFEST, repository, digest)).length > 0
  },

  async cachedBytes(): Promise<number> {
    return (await run<{ bytes: number }>('SELECT bytes FROM totals WHERE cached = 1'))[0]!.bytes
  },

  /** The next images from peers after `last`, least recently used first. */
  async images(last: UseCursor, limits: EvictionLimits): Promise<CachedImage[]> {
    const rows = await run<Flagged<CachedImage>>(
      `SELECT image.id, image.used_at AS usedAt, name AS repository, digest, ${IS_FREE} AS mayGo
       FROM manifests AS image
       JOIN blobs ON blobs.id = image.blob
       JOIN repositories ON repositories.id = image.repository
       WHERE image.cached = 1 AND image.used_at < ?2 AND (image.used_at, image.id) > (?3, ?4)
       ORDER BY image.used_at, image.id LIMIT ${EVICTION_PAGE}`,
      JSON.stringify(limits.downloading),
      limits.recent,
      last.usedAt,
      last.id,
    )
    return rows.map(toCached)
  },

  /** The next blobs from peers after `last`, least recently used first. */
  async blobs(last: UseCursor, limits: EvictionLimits): Promise<CachedBlob[]> {
    const rows = await run<Flagged<CachedBlob>>(
      `SELECT id, used_at AS usedAt, digest, EXISTS (${LOOSE}) AS mayGo
       FROM blobs
       WHERE cached = 1 AND used_at < ?2 AND (used_at, id) > (?3, ?4)
       ORDER BY used_at, id LIMIT ${EVICTION_PAGE}`,
      limits.pushing,
      limits.recent,
      last.usedAt,
      last.id,
    )
    return rows.map(toCached)
  },

  /** Removes an image, if it may go. Returns the blobs that it needed and its referrers, which may go now; `undefined` if it stays. */
  async removeImage(
    { repository, digest }: Served,
    limits: EvictionLimits,
  ): Promise<{ readonly needs: Digest[]; readonly referrers: Digest[] } | undefined> {
    const [image] = await run<{ id: number; repository: number }>(
      `SELECT image.id, image.repository FROM manifests AS image
       JOIN blobs ON blobs.id = image.blob
       JOIN repositories ON repositories.id = image.repository
       WHERE name = ?2 AND digest = ?3 AND image.used_at < ?4 AND ${IS_FREE}`,
      JSON.stringify(limits.downloading),
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
    await run('DELETE FROM tags WHERE manifest = ?', image.id) // tags from peers go with the image
    await run('DELETE FROM manifests WHERE id = ?', image.id)
    await orphanQueries(run).dropEmpty(image.repository)
    return { needs: needs.map((row) => row.digest), referrers: referrers.map((row) => row.digest) }
  },

  /** Stops serving a blob in repositories where no manifest needs it. `false` if it stays in all of them. */
  async unlinkLoose(digest: Digest, limits: EvictionLimits): Promise<boolean> {
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

/** A row of SQLite, which has no booleans. */
type Flagged<T> = { [Key in keyof T]: T[Key] extends boolean ? number : T[Key] } & Record<
  string,
  string | number
>

const toCached = <T extends { readonly mayGo: boolean }>(row: Flagged<T>): T =>
  ({ ...row, mayGo: row['mayGo'] === 1 }) as unknown as T
