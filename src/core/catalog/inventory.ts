/** The inventory for the admin API: what the registry holds. Every result is a page, so no query takes long. */
import type { Digest } from '../oci/digest.ts'
import type { Row, Run } from './database.ts'
import type { Page } from './repositories.ts'

/** `pushed` and `cached` (from peers, and never pushed) are in bytes. */
export interface Totals {
  readonly blobs: number
  readonly pushed: number
  readonly cached: number
}

export interface RepositoryEntry {
  readonly name: string
  /** Of everything that it serves, each digest once. */
  readonly bytes: number
  /** Those of `bytes` that other repositories serve too. */
  readonly shared: number
  /** Those of `bytes` that none of its images needs. */
  readonly orphans: number
  readonly tags: number
  readonly manifests: number
  /** The time of the last push or tag, in milliseconds since 1970; absent if it is not known. */
  readonly changedAt?: number
  /** Milliseconds since 1970; absent if never. */
  readonly lastUsed?: number
}

export interface TagEntry {
  readonly name: string
  /** The time at which it was set, here or by the peer: milliseconds since 1970. */
  readonly at: number
  /** The peer that gave it; `null` if it was set here. */
  readonly peer: string | null
  /** The time at which peers were last asked for it: milliseconds since 1970. */
  readonly checkedAt: number | null
}

export interface ImageEntry {
  /** Its position in the list. */
  readonly id: number
  readonly digest: Digest
  readonly mediaType: string
  readonly artifactType: string | null
  readonly subject: Digest | null
  readonly tagged: readonly TagEntry[]
  /** The first few manifests of the repository that need it: for a platform, its indexes. */
  readonly partOf: readonly Digest[]
  /** Of the manifest and of everything that it needs and the repository serves, each digest once. */
  readonly bytes: number
  /** Digests that it needs and the repository does not serve. */
  readonly missing: number
  readonly kept: boolean
  readonly cached: boolean
  /** Milliseconds since 1970; `null` if no push is known. */
  readonly pushedAt: number | null
  /** Milliseconds since 1970; 0 if never. */
  readonly usedAt: number
}

export interface BlobEntry {
  readonly digest: Digest
  readonly size: number
  readonly cached: boolean
  /** Milliseconds since 1970; 0 if never. */
  readonly usedAt: number
}

export interface ImagePage {
  readonly last?: number | undefined
  readonly limit: number
  /** Only these. */
  readonly digests?: readonly Digest[]
}

/**
 * Every digest that an image of the page needs, at any depth: manifests are followed, blobs are not. SQLite runs a
 * `CROSS JOIN` from left to right: from the few that are needed, not from everything that the repository holds.
 */
const NEEDED = `needed (image, digest) AS (
  SELECT image.id, blobs.digest FROM image JOIN blobs ON blobs.id = image.blob
  UNION
  SELECT needed.image, needs.digest FROM needed
  CROSS JOIN blobs ON blobs.digest = needed.digest
  CROSS JOIN manifests ON manifests.blob = blobs.id
    AND manifests.repository = (SELECT id FROM repositories WHERE name = ?1)
  CROSS JOIN needs ON needs.manifest = manifests.id)`

const IS_SERVED = `EXISTS (SELECT 1 FROM links WHERE blob = blobs.id AND repository = home.id)
  OR EXISTS (SELECT 1 FROM manifests WHERE blob = blobs.id AND repository = home.id)`

/** Of `home`. */
const SERVED = `SELECT blob FROM links WHERE repository = home.id
  UNION SELECT blob FROM manifests WHERE repository = home.id`

const IS_AMONG = 'AND blob IN (SELECT blobs.id FROM json_each(?4) JOIN blobs ON digest = value)'

/** Of `image` and its `blobs`. Sorted in the subquery, because SQLite 3.44 turns objects into text if the aggregate sorts them. */
const TAGGED = `SELECT json_group_array(json_object('name', name, 'at', at, 'peer', peer, 'checkedAt', checked_at))
  FROM (
    SELECT tags.name, ifnull(tags.tagged_at, history.tagged_at) AS at, peer, checked_at
    FROM tags LEFT JOIN tag_history AS history
      ON history.repository = tags.repository AND history.name = tags.name AND history.digest = blobs.digest
    WHERE tags.manifest = image.id ORDER BY tags.name)`

/** Of `image` and its `blobs`. Limited, because an attestation may be in very many indexes. */
const PARENTS = `SELECT json_group_array(digest) FROM (
  SELECT other.digest FROM needs
  CROSS JOIN manifests AS parent ON parent.id = needs.manifest AND parent.repository = image.repository
  CROSS JOIN blobs AS other ON other.id = parent.blob
  WHERE needs.digest = blobs.digest ORDER BY parent.id DESC LIMIT 8)`

export const inventoryQueries = (run: Run) => ({
  async totals(): Promise<Totals> {
    const [pushed, cached] = await run<{ blobs: number; bytes: number }>(
      'SELECT blobs, bytes FROM totals ORDER BY cached',
    )
    return { blobs: pushed!.blobs + cached!.blobs, pushed: pushed!.bytes, cached: cached!.bytes }
  },

  /** Repositories that serve anything, in byte order. */
  async repositories({ last = '', limit }: Page): Promise<RepositoryEntry[]> {
    const rows = await run<RepositoryRow>(
      `SELECT name,
         (SELECT ifnull(sum(size), 0) FROM blobs WHERE id IN (${SERVED})) AS bytes,
         (SELECT ifnull(sum(size), 0) FROM blobs WHERE id IN (${SERVED}) AND (
            EXISTS (SELECT 1 FROM links WHERE blob = blobs.id AND repository <> home.id)
            OR EXISTS (SELECT 1 FROM manifests WHERE blob = blobs.id AND repository <> home.id))) AS shared,
         (SELECT ifnull(sum(size), 0) FROM blobs WHERE id IN (
            SELECT blob FROM links WHERE repository = home.id
              AND EXISTS (SELECT 1 FROM orphans WHERE orphans.blob = links.blob AND orphans.repository = home.id)
            EXCEPT SELECT blob FROM manifests WHERE repository = home.id)) AS orphans,
         (SELECT count(*) FROM tags WHERE repository = home.id) AS tags,
         (SELECT count(*) FROM manifests WHERE repository = home.id) AS manifests,
         (SELECT max(used_at) FROM manifests WHERE repository = home.id) AS lastUsed,
         max(
           ifnull((SELECT max(pushed_at) FROM manifests WHERE repository = home.id), 0),
           ifnull((SELECT max(tagged_at) FROM tag_history WHERE repository = home.id), 0),
           ifnull((SELECT max(tagged_at) FROM tags WHERE repository = home.id), 0)) AS changedAt
       FROM repositories AS home
       WHERE name > ? AND (EXISTS (SELECT 1 FROM links WHERE repository = home.id)
         OR EXISTS (SELECT 1 FROM manifests WHERE repository = home.id))
       ORDER BY name LIMIT ?`,
      last,
      limit,
    )
    return rows.map(({ changedAt, lastUsed, ...row }) => ({
      ...row,
      ...(changedAt > 0 && { changedAt }),
      ...(lastUsed > 0 && { lastUsed }),
    }))
  },

  /** The manifests of a repository with smaller ids than `last`, newest first. */
  async images(
    repository: string,
    { last = Number.MAX_SAFE_INTEGER, limit, digests }: ImagePage,
  ): Promise<ImageEntry[]> {
    const rows = await run<ImageRow>(
      `WITH RECURSIVE
         image AS (
           SELECT manifests.* FROM manifests
           WHERE repository = (SELECT id FROM repositories WHERE name = ?1) AND id < ?2 ${digests ? IS_AMONG : ''}
           ORDER BY id DESC LIMIT ?3),
         ${NEEDED},
         sums AS (
           SELECT image, ifnull(sum(size) FILTER (WHERE isServed), 0) AS bytes,
             count(*) FILTER (WHERE NOT isServed) AS missing
           FROM (
             SELECT needed.image, size, ${IS_SERVED} AS isServed
             FROM needed JOIN repositories AS home ON home.name = ?1
             LEFT JOIN blobs ON blobs.digest = needed.digest)
           GROUP BY image)
       SELECT image.id, blobs.digest, media_type AS mediaType, artifact_type AS artifactType, subject,
         (${TAGGED}) AS tagged,
         (${PARENTS}) AS partOf,
         sums.bytes, sums.missing,
         EXISTS (SELECT 1 FROM kept WHERE kept.manifest = image.id) AS kept,
         image.cached, pushed_at AS pushedAt, image.used_at AS usedAt
       FROM image JOIN blobs ON blobs.id = image.blob JOIN sums ON sums.image = image.id
       ORDER BY image.id DESC`,
      repository,
      last,
      limit,
      ...(digests ? [JSON.stringify(digests)] : []),
    )
    return rows.map((row) => ({
      ...row,
      tagged: JSON.parse(row.tagged),
      partOf: JSON.parse(row.partOf),
      kept: row.kept === 1,
      cached: row.cached === 1,
    }))
  },

  async blob(digest: Digest): Promise<BlobEntry | undefined> {
    const [row] = await run<{ digest: Digest; size: number; cached: number; usedAt: number }>(
      'SELECT digest, size, cached, used_at AS usedAt FROM blobs WHERE digest = ?',
      digest,
    )
    return row && { ...row, cached: row.cached === 1 }
  },
})

type RepositoryRow = Required<RepositoryEntry> & Row

type ImageRow = Omit<ImageEntry, 'tagged' | 'partOf' | 'kept' | 'cached'> & {
  readonly tagged: string
  readonly partOf: string
  readonly kept: number
  readonly cached: number
} & Row
