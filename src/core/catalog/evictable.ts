/**
 * How much could be evicted: a sum over everything from peers. Separate from the eviction, which looks at one image after
 * another until it has freed enough. The sum is requested too rarely to be kept up to date.
 */
import type { Run } from './database.ts'
import { EVICTION_PAGE, type UseCursor } from './eviction.ts'

/** Of `holder`: it was pushed, is kept, has a tag that was set here, or was used recently. */
const STAYS = `(holder.cached = 0 OR holder.used_at >= ?1
  OR EXISTS (SELECT 1 FROM kept WHERE kept.manifest = holder.id)
  OR EXISTS (SELECT 1 FROM tags WHERE tags.manifest = holder.id AND tags.peer IS NULL))`

/**
 * The manifests that hold each blob of the page: the blob is one, they need it, or they need what needs it, at any depth.
 * A listed referrer is held by its subject.
 */
const HOLDING = `holding (blob, manifest) AS (
  SELECT page.id, manifests.id FROM page JOIN manifests ON manifests.blob = page.id
  UNION
  SELECT page.id, needs.manifest FROM page JOIN needs ON needs.digest = page.digest
  UNION
  SELECT holding.blob, parent.id FROM holding
  CROSS JOIN manifests AS child ON child.id = holding.manifest
  CROSS JOIN blobs ON blobs.id = child.blob
  CROSS JOIN needs ON needs.digest = blobs.digest
  CROSS JOIN manifests AS parent ON parent.id = needs.manifest AND parent.repository = child.repository
  UNION
  SELECT holding.blob, about.id FROM holding
  CROSS JOIN manifests AS child ON child.id = holding.manifest AND child.vouched_by IS NOT NULL
  CROSS JOIN blobs ON blobs.digest = child.subject
  CROSS JOIN manifests AS about ON about.blob = blobs.id AND about.repository = child.repository)`

interface EvictablePage {
  readonly bytes: number
  /** The cursor of the next page, if there is one. */
  readonly last: UseCursor | undefined
}

export const evictableQueries = (run: Run) => ({
  /**
   * Bytes of blobs after `last` that may be evicted.
   *
   * @param recent - what was used since then stays: milliseconds since 1970
   */
  async page(last: UseCursor, recent: number): Promise<EvictablePage> {
    const rows = await run<{ id: number; usedAt: number; bytes: number }>(
      `WITH RECURSIVE
         page AS MATERIALIZED (
           SELECT id, digest, size, used_at FROM blobs
           WHERE cached = 1 AND (used_at, id) > (?2, ?3) ORDER BY used_at, id LIMIT ${EVICTION_PAGE}),
         ${HOLDING}
       SELECT id, used_at AS usedAt,
         iif(used_at < ?1 AND id IN (SELECT blob FROM holding) AND NOT EXISTS (
           SELECT 1 FROM holding CROSS JOIN manifests AS holder ON holder.id = holding.manifest
           WHERE holding.blob = page.id AND ${STAYS}), size, 0) AS bytes
       FROM page ORDER BY used_at, id`,
      recent,
      last.usedAt,
      last.id,
    )
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
    return { bytes, last: rows.length < EVICTION_PAGE ? undefined : rows.at(-1) }
  },
})
