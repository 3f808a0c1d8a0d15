/** Manifests: revisions of a repository, what they need, and what refers to them. */

import { PEER_ANNOTATION } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { Reference } from '../oci/name.ts'
import type { AddOptions } from './blobs.ts'
import type { Row, Run } from './database.ts'
import { inBatches } from './database.ts'

export interface Revision {
  readonly digest: Digest
  readonly mediaType: string
  readonly size: number
}

export interface ReferrersPage {
  readonly artifactType?: string | undefined
  /** `next` of the previous page. */
  readonly after?: number | undefined
  readonly maxBytes: number
}

export interface Referrers {
  /** Each is the JSON text of a descriptor. */
  readonly descriptors: readonly string[]
  /** `after` of the next page, if there is one. */
  readonly next: number | undefined
}

/** A revision, with what is known of the tag if it was found by one. */
export interface Tagged extends Revision {
  /** The peer that gave the tag; `null` if it was set here. */
  readonly tagPeer?: string | null
  /** The time at which peers were last asked for the tag: milliseconds since 1970. */
  readonly tagCheckedAt?: number | null
}

const REVISION = 'SELECT blobs.digest, manifests.media_type AS mediaType, blobs.size'

const BY_TAG = `${REVISION}, tags.peer AS tagPeer, tags.checked_at AS tagCheckedAt FROM repositories
  JOIN tags ON tags.repository = repositories.id
  JOIN manifests ON manifests.id = tags.manifest
  JOIN blobs ON blobs.id = manifests.blob
  WHERE repositories.name = ? AND tags.name = ?`

const BY_DIGEST = `${REVISION} FROM repositories
  JOIN blobs ON blobs.digest = ?2
  JOIN manifests ON manifests.repository = repositories.id AND manifests.blob = blobs.id
  WHERE repositories.name = ?1`

/** Overrides an annotation of this name in the manifest itself. */
const ANNOTATIONS = `iif(
  manifests.cached, json_set(ifnull(annotations, '{}'), '$."${PEER_ANNOTATION}"', vouched_by), annotations) AS annotations`

const STATED = `FROM needs
  CROSS JOIN manifests ON manifests.id = needs.manifest
  JOIN blobs ON blobs.id = manifests.blob
  JOIN repositories ON repositories.id = manifests.repository
  WHERE needs.digest = ?1 AND repositories.name IN (SELECT value FROM json_each(?2))
    AND NOT (manifests.cached = 1 AND manifests.subject IS NOT NULL)`

export const manifestQueries = (run: Run) => ({
  async find(repository: string, reference: Reference): Promise<Tagged | undefined> {
    const [sql, key] = reference.tag === undefined ? [BY_DIGEST, reference.digest] : [BY_TAG, reference.tag]
    return (await run<Tagged & Row>(sql, repository, key))[0]
  },

  /** Those of the digests that the repository does not serve as blobs. */
  async missingBlobs(repository: string, digests: readonly string[]): Promise<string[]> {
    return missing(run, 'links', repository, digests)
  },

  /** Those of the digests that the repository does not hold as manifests. */
  async missingManifests(repository: string, digests: readonly string[]): Promise<string[]> {
    return missing(run, 'manifests', repository, digests)
  },

  /** Those of the digests that the repository has neither as blobs nor as manifests. */
  async missingEither(repository: string, digests: readonly string[]): Promise<string[]> {
    return missing(run, 'manifests', repository, await missing(run, 'links', repository, digests))
  },

  /** Records a manifest whose bytes are on the disk, with a row in `blobs`. */
  async put(
    repository: string,
    digest: Digest,
    manifest: Manifest,
    { isCached = false }: AddOptions = {},
  ): Promise<void> {
    const now = Date.now()
    const rows = await run<{ id: number }>(
      `INSERT INTO manifests
         (repository, blob, media_type, artifact_type, annotations, subject, cached, pushed_at, used_at)
       SELECT repositories.id, blobs.id, ?, ?, ?, ?, ?, ?, ? FROM repositories, blobs WHERE name = ? AND digest = ?
       ON CONFLICT DO UPDATE SET media_type = excluded.media_type, artifact_type = excluded.artifact_type,
         cached = min(cached, excluded.cached), pushed_at = ifnull(excluded.pushed_at, pushed_at),
         used_at = excluded.used_at
       RETURNING id`,
      manifest.mediaType,
      manifest.artifactType ?? null,
      manifest.annotations ? JSON.stringify(manifest.annotations) : null,
      manifest.subject?.digest ?? null,
      isCached ? 1 : 0,
      isCached ? null : now,
      now,
      repository,
      digest,
    )
    const sql = `INSERT INTO needs (manifest, digest, size) SELECT ?, key, value FROM json_each(?) WHERE true
      ON CONFLICT DO UPDATE SET size = excluded.size`
    await inBatches(Object.entries(sizesIn(manifest)), (batch) =>
      run(sql, rows[0]!.id, JSON.stringify(Object.fromEntries(batch))),
    )
  },

  /** Those of the digests that are manifests which only peers have given to the repository. */
  async fromPeers(repository: string, digests: readonly string[]): Promise<string[]> {
    const found: string[] = []
    await inBatches([...new Set(digests)], async (batch) => {
      const rows = await run<{ digest: string }>(
        `SELECT digest FROM json_each(?)
         JOIN blobs ON blobs.digest = value
         JOIN manifests ON manifests.blob = blobs.id AND manifests.cached = 1
         JOIN repositories ON repositories.id = manifests.repository AND name = ?`,
        JSON.stringify(batch),
        repository,
      )
      for (const { digest } of rows) found.push(digest)
    })
    return found
  },

  /**
   * The different sizes, in bytes, that manifests of these repositories state for a digest. Referrers from peers do not
   * count, because anybody can attach them to an image.
   */
  async statedSizes(digest: Digest, repositories: readonly string[]): Promise<number[]> {
    const rows = await run<{ size: number }>(
      `SELECT DISTINCT needs.size ${STATED} AND needs.size IS NOT NULL`,
      digest,
      JSON.stringify(repositories),
    )
    return rows.map((row) => row.size)
  },

  /** Some of the manifests that need a digest and whose stated sizes are not recorded. */
  async withoutSizes(digest: Digest, repositories: readonly string[]): Promise<Revision[]> {
    return run<Revision & Record<string, string | number>>(
      `SELECT DISTINCT blobs.digest, manifests.media_type AS mediaType, blobs.size
       ${STATED} AND needs.size IS NULL LIMIT 8`,
      digest,
      JSON.stringify(repositories),
    )
  },

  /** Records the sizes that a manifest states, in every repository that holds it. */
  async stateSizes(digest: Digest, manifest: Manifest): Promise<void> {
    await run(
      `UPDATE needs SET size = (SELECT value FROM json_each(?2) WHERE key = needs.digest)
       WHERE manifest IN (
         SELECT manifests.id FROM manifests JOIN blobs ON blobs.id = manifests.blob WHERE blobs.digest = ?1)`,
      digest,
      JSON.stringify(sizesIn(manifest)),
    )
  },

  /**
   * Removes the revision and every tag that names it. Returns the tags that were set here, which count as deleted too;
   * `undefined` if the revision did not exist.
   */
  async delete(repository: string, digest: Digest): Promise<string[] | undefined> {
    const [found] = await run<{ id: number }>(
      `SELECT manifests.id FROM manifests
       JOIN repositories ON repositories.id = manifests.repository
       JOIN blobs ON blobs.id = manifests.blob
       WHERE name = ? AND digest = ?`,
      repository,
      digest,
    )
    if (!found) return undefined
    const sql = 'DELETE FROM tags WHERE manifest = ? RETURNING name, peer'
    const tags = await run<{ name: string; peer: string | null }>(sql, found.id)
    await run('DELETE FROM manifests WHERE id = ?', found.id)
    return tags.filter(({ peer }) => peer === null).map(({ name }) => name)
  },

  /**
   * Descriptors of the referrers of `subject` after the row `after`, oldest first: those that were pushed, and those that
   * peers vouch for, with the annotation {@link VOUCHER}. At least one, and as many as take at most `maxBytes` together.
   * Reads no more rows than it returns.
   */
  async referrers(repository: string, subject: Digest, options: ReferrersPage): Promise<Referrers> {
    const { artifactType = null, after = 0, maxBytes: most } = options
    const sizes = await run<{ id: number; size: number }>(
      `SELECT manifests.id, size FROM manifests JOIN blobs ON blobs.id = manifests.blob
       WHERE ${REFERS} ORDER BY manifests.id LIMIT ?5`,
      repository,
      subject,
      after,
      artifactType,
      MAX_REFERRERS,
    )
    const count = fitting(sizes, most)
    const last = sizes[count - 1]?.id ?? after
    const rows = await run<ReferrerRow>(
      `SELECT media_type, digest, size, artifact_type, ${ANNOTATIONS}
       FROM manifests JOIN blobs ON blobs.id = manifests.blob
       WHERE ${REFERS} AND manifests.id <= ?5 ORDER BY manifests.id`,
      repository,
      subject,
      after,
      artifactType,
      last,
    )
    const isLast = count === sizes.length && count < MAX_REFERRERS
    return { descriptors: rows.map(descriptorText), next: isLast ? undefined : last }
  },
})

/** By digest; `null` if the manifest states two sizes. */
function sizesIn({ blobs, manifests }: Manifest): Readonly<Record<string, number | null>> {
  const sizes = new Map<string, number | null>()
  for (const { digest, size } of [...blobs, ...manifests])
    sizes.set(digest, (sizes.get(digest) ?? size) === size ? size : null)
  return Object.fromEntries(sizes)
}

async function missing(
  run: Run,
  table: 'links' | 'manifests',
  repository: string,
  digests: readonly string[],
): Promise<string[]> {
  const found: string[] = []
  await inBatches([...new Set(digests)], async (batch) => {
    const rows = await run<{ value: string }>(
      `SELECT value FROM json_each(?) WHERE NOT EXISTS (
         SELECT 1 FROM blobs
         JOIN ${table} ON ${table}.blob = blobs.id
         JOIN repositories ON repositories.id = ${table}.repository
         WHERE blobs.digest = value AND repositories.name = ?)`,
      JSON.stringify(batch),
      repository,
    )
    for (const { value } of rows) found.push(value)
  })
  return found
}

/** Descriptors in a page, however small they are. */
const MAX_REFERRERS = 1000

const REFERS = `repository = (SELECT id FROM repositories WHERE name = ?1) AND subject = ?2
  AND manifests.id > ?3 AND (?4 IS NULL OR artifact_type = ?4)
  AND (manifests.cached = 0 OR vouched_by IS NOT NULL)`

/** Bytes of a descriptor that are not in the manifest, or not in the same form. */
const DESCRIPTOR_BYTES = 512

/** How many of the descriptors fit into `maxBytes`. Apart from its own bytes, a descriptor is no larger than its manifest. */
function fitting(sizes: readonly { readonly size: number }[], most: number): number {
  let bytes = 0
  const end = sizes.findIndex(({ size }) => {
    bytes += size + DESCRIPTOR_BYTES
    return bytes > most
  })
  return end < 0 ? sizes.length : Math.max(1, end)
}

type ReferrerRow = {
  media_type: string
  digest: string
  size: number
  artifact_type: string | null
  annotations: string | null
}

/** Annotations may fill a manifest. They are already JSON, and are not parsed, because that would block other requests. */
function descriptorText({ media_type, digest, size, artifact_type, annotations }: ReferrerRow): string {
  const head = JSON.stringify({
    mediaType: media_type,
    digest,
    size,
    ...(artifact_type && { artifactType: artifact_type }),
  })
  return annotations ? `${head.slice(0, -1)},"annotations":${annotations}}` : head
}
