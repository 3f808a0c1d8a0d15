/** Manifests: revisions of a repository, what they need, and what refers to them. */
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { Reference } from '../oci/name.ts'
import { VOUCHER } from '../oci/voucher.ts'
import type { Provenance } from './blobs.ts'
import type { Row, Run } from './database.ts'
import { inBatches } from './in-batches.ts'

export interface Revision {
  readonly digest: Digest
  readonly mediaType: string
  readonly size: number
}

export interface ReferrersPage {
  readonly artifactType?: string | undefined
  /** Where the page before ended. */
  readonly after?: number | undefined
  /** Bytes. */
  readonly most: number
}

export interface Referrers {
  /** Each the JSON text of a descriptor. */
  readonly descriptors: readonly string[]
  /** What the next page begins after, if there is one. */
  readonly next: number | undefined
}

/** Found by a tag that was taken from a peer. */
export interface Tagged extends Revision {
  /** `null` where the tag was set here. */
  readonly tagPeer?: string | null
  /** When peers were last asked for the tag: milliseconds since 1970. */
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

/** Whatever the manifest itself says under that name gives way. */
const ANNOTATIONS = `iif(
  manifests.cached, json_set(ifnull(annotations, '{}'), '$."${VOUCHER}"', vouched_by), annotations) AS annotations`

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

  /** Of these digests, the ones that the repository does not serve as blobs. */
  async missingBlobs(repository: string, digests: readonly string[]): Promise<string[]> {
    return missing(run, 'links', repository, digests)
  },

  /** Of these digests, the ones that the repository does not hold as manifests. */
  async missingManifests(repository: string, digests: readonly string[]): Promise<string[]> {
    return missing(run, 'manifests', repository, digests)
  },

  /** Of these digests, the ones that the repository has neither as blobs nor as manifests. */
  async missingEither(repository: string, digests: readonly string[]): Promise<string[]> {
    return missing(run, 'manifests', repository, await missing(run, 'links', repository, digests))
  },

  /** Records a manifest whose bytes are on the disk and in the blobs table. */
  async put(
    repository: string,
    digest: Digest,
    manifest: Manifest,
    { isCached = false }: Provenance = {},
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

  /** Of these digests, the manifests that only peers have given to the repository. */
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
   * What manifests of these repositories state of the size of a digest: each different one, in bytes. Those that peers
   * attach to others unasked state nothing.
   */
  async statedSizes(digest: Digest, repositories: readonly string[]): Promise<number[]> {
    const rows = await run<{ size: number }>(
      `SELECT DISTINCT needs.size ${STATED} AND needs.size IS NOT NULL`,
      digest,
      JSON.stringify(repositories),
    )
    return rows.map((row) => row.size)
  },

  /** Some of the manifests that need a digest and whose sizes are not written down. */
  async withoutSizes(digest: Digest, repositories: readonly string[]): Promise<Revision[]> {
    return run<Revision & Record<string, string | number>>(
      `SELECT DISTINCT blobs.digest, manifests.media_type AS mediaType, blobs.size
       ${STATED} AND needs.size IS NULL LIMIT 8`,
      digest,
      JSON.stringify(repositories),
    )
  },

  /** Writes down the sizes that a manifest states, wherever it is held. */
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
   * Removes the revision and every tag that names it; gives the tags that were set here, or `undefined` if it was not there.
   * Those of peers were not what somebody wanted gone.
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
   * Descriptors of what refers to `subject`, in the order in which it came, after the row `after`: what was pushed, and
   * what peers vouch for, with the annotation {@link VOUCHER}. As many as have no more than `most` bytes together, but one
   * at least. No row is read that is not given.
   */
  async referrers(repository: string, subject: Digest, options: ReferrersPage): Promise<Referrers> {
    const { artifactType = null, after = 0, most } = options
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

/** By digest; `null` where it states two. */
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

/** Descriptors read at once, however small they are. */
const MAX_REFERRERS = 1000

const REFERS = `repository = (SELECT id FROM repositories WHERE name = ?1) AND subject = ?2
  AND manifests.id > ?3 AND (?4 IS NULL OR artifact_type = ?4)
  AND (manifests.cached = 0 OR vouched_by IS NOT NULL)`

/** What a descriptor has that does not stand in the manifest, or not in the same words: bytes. */
const OWN_BYTES = 512

/** How many of the first fit into `most` bytes; a descriptor says no more than the manifest that it is of. */
function fitting(sizes: readonly { readonly size: number }[], most: number): number {
  let bytes = 0
  const end = sizes.findIndex(({ size }) => {
    bytes += size + OWN_BYTES
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

/** Annotations may fill a manifest, and stand here as JSON: reading and writing them anew would take the time of all. */
function descriptorText({ media_type, digest, size, artifact_type, annotations }: ReferrerRow): string {
  const head = JSON.stringify({
    mediaType: media_type,
    digest,
    size,
    ...(artifact_type && { artifactType: artifact_type }),
  })
  return annotations ? `${head.slice(0, -1)},"annotations":${annotations}}` : head
}
