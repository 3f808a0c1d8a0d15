/**
 * Lists for peers: names with what they stand for. Strangers may request them, so no query may take long, whatever was
 * pushed: counts stop at a limit, and each entry is a separate query.
 */
import type { Digest } from '../oci/digest.ts'
import type { Row, Run } from './database.ts'
import type { Page } from './repositories.ts'

/** Rows read for a count or a sum, which leaves out the rest. */
const MAX_COUNTED = 100_000

/** Rows read for what one image needs. */
const MAX_NEEDED = 20_000

const HOME = '(SELECT id FROM repositories WHERE name = ?1)'

export interface RepositoryTotals {
  readonly tags: number
  readonly bytes: number
}

export interface TagListing {
  readonly name: string
  readonly digest: Digest
  readonly mediaType: string
  /** Milliseconds since 1970. */
  readonly at: number
}

export const listingQueries = (run: Run) => ({
  /** The tags that were set here, and the bytes that the repository serves, each blob once. */
  async totals(repository: string): Promise<RepositoryTotals> {
    const [row] = await run<RepositoryTotals & Row>(
      `SELECT
         (SELECT count(*) FROM (SELECT 1 FROM tags WHERE repository = ${HOME} AND peer IS NULL LIMIT ?2)) AS tags,
         (SELECT ifnull(sum(size), 0) FROM (SELECT size FROM blobs JOIN (
            SELECT blob FROM links WHERE repository = ${HOME}
            UNION SELECT blob FROM manifests WHERE repository = ${HOME}) ON blob = blobs.id LIMIT ?2)) AS bytes`,
      repository,
      MAX_COUNTED,
    )
    return row!
  },

  /** Tags that were set here, in byte order, each with its manifest. */
  async tags(repository: string, { last = '', limit }: Page): Promise<TagListing[]> {
    return run<TagListing & Row>(
      `SELECT tags.name, blobs.digest, media_type AS mediaType, history.tagged_at AS at FROM tags
       JOIN manifests ON manifests.id = tags.manifest
       JOIN blobs ON blobs.id = manifests.blob
       JOIN tag_history AS history
         ON history.repository = tags.repository AND history.name = tags.name AND history.digest = blobs.digest
       WHERE tags.repository = ${HOME} AND tags.peer IS NULL AND tags.name > ?2
       ORDER BY tags.name LIMIT ?3`,
      repository,
      last,
      limit,
    )
  },

  /** The bytes of an image that the repository serves: the manifest and everything that it needs, each blob once. */
  async imageBytes(repository: string, digest: Digest): Promise<number> {
    const [row] = await run<{ bytes: number }>(
      `WITH RECURSIVE needed (digest) AS (
         SELECT ?2
         UNION
         SELECT needs.digest FROM needed
         CROSS JOIN blobs ON blobs.digest = needed.digest
         CROSS JOIN manifests ON manifests.blob = blobs.id AND manifests.repository = ${HOME}
         CROSS JOIN needs ON needs.manifest = manifests.id
         LIMIT ?3)
       SELECT ifnull(sum(size), 0) AS bytes FROM needed CROSS JOIN blobs ON blobs.digest = needed.digest
       WHERE EXISTS (SELECT 1 FROM links WHERE blob = blobs.id AND repository = ${HOME})
         OR EXISTS (SELECT 1 FROM manifests WHERE blob = blobs.id AND repository = ${HOME})`,
      repository,
      digest,
      MAX_NEEDED,
    )
    return row!.bytes
  },
})
