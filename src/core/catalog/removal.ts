/**
 * Removal: what goes with images that the user removes, and the space that this frees. Separate from eviction, which takes
 * only what came from peers; here everything that nothing else needs goes.
 */
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'

const HOME = '(SELECT id FROM repositories WHERE name = ?1)'

/** Those of the digests `?2` that are manifests of the repository. */
const LEAVING = `leaving AS MATERIALIZED (
  SELECT manifests.id, manifests.blob FROM json_each(?2)
  CROSS JOIN blobs ON blobs.digest = json_each.value
  CROSS JOIN manifests ON manifests.blob = blobs.id AND manifests.repository = ${HOME})`

/** Another manifest of the repository needs the blob in `blobs`. */
const IS_NEEDED = `EXISTS (
  SELECT 1 FROM needs CROSS JOIN manifests AS parent ON parent.id = needs.manifest
  WHERE needs.digest = blobs.digest AND parent.repository = ${HOME}
    AND parent.id NOT IN (SELECT id FROM leaving))`

export const removalQueries = (run: Run) => ({
  /** All manifests of a repository. */
  async manifestsOf(repository: string): Promise<Digest[]> {
    const rows = await run<{ digest: Digest }>(
      `SELECT digest FROM manifests JOIN blobs ON blobs.id = manifests.blob WHERE repository = ${HOME}`,
      repository,
    )
    return rows.map((row) => row.digest)
  },

  /** All blobs that a repository serves. */
  async blobsOf(repository: string): Promise<Digest[]> {
    const rows = await run<{ digest: Digest }>(
      `SELECT digest FROM links JOIN blobs ON blobs.id = links.blob WHERE repository = ${HOME}`,
      repository,
    )
    return rows.map((row) => row.digest)
  },

  /**
   * Manifests that are of no use without these, one step away: platforms of an index that nothing else needs, signatures
   * and SBOMs of an image. Those that have a tag or are kept stay.
   */
  async dependents(repository: string, digests: readonly Digest[]): Promise<Digest[]> {
    const rows = await run<{ digest: Digest }>(
      `WITH ${LEAVING}, dependent AS (
         SELECT manifests.id, manifests.blob FROM leaving
         CROSS JOIN needs ON needs.manifest = leaving.id
         CROSS JOIN blobs ON blobs.digest = needs.digest
         CROSS JOIN manifests ON manifests.blob = blobs.id AND manifests.repository = ${HOME}
         UNION
         SELECT manifests.id, manifests.blob FROM json_each(?2)
         CROSS JOIN manifests ON manifests.repository = ${HOME} AND manifests.subject = json_each.value)
       SELECT digest FROM dependent JOIN blobs ON blobs.id = dependent.blob
       WHERE dependent.id NOT IN (SELECT id FROM leaving)
         AND NOT EXISTS (SELECT 1 FROM tags WHERE tags.manifest = dependent.id)
         AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.manifest = dependent.id)
         AND NOT ${IS_NEEDED}`,
      repository,
      JSON.stringify(digests),
    )
    return rows.map((row) => row.digest)
  },

  /** The blobs that these manifests need and no other manifest of the repository does. */
  async loosened(repository: string, digests: readonly Digest[]): Promise<Digest[]> {
    const rows = await run<{ digest: Digest }>(
      `WITH ${LEAVING}
       SELECT DISTINCT blobs.digest FROM leaving
       CROSS JOIN needs ON needs.manifest = leaving.id
       CROSS JOIN blobs ON blobs.digest = needs.digest
       CROSS JOIN links ON links.blob = blobs.id AND links.repository = ${HOME}
       WHERE NOT ${IS_NEEDED}`,
      repository,
      JSON.stringify(digests),
    )
    return rows.map((row) => row.digest)
  },

  /** Bytes of those of the repository's blobs that no other repository serves and that are no other manifest. */
  async bytesOnlyOf(repository: string, digests: readonly Digest[]): Promise<number> {
    const [row] = await run<{ bytes: number }>(
      `SELECT ifnull(sum(size), 0) AS bytes FROM json_each(?2) JOIN blobs ON blobs.digest = json_each.value
       WHERE NOT EXISTS (SELECT 1 FROM links WHERE links.blob = blobs.id AND links.repository <> ${HOME})
         AND NOT EXISTS (
           SELECT 1 FROM manifests WHERE manifests.blob = blobs.id AND (
             manifests.repository <> ${HOME} OR blobs.digest NOT IN (SELECT value FROM json_each(?2))))`,
      repository,
      JSON.stringify(digests),
    )
    return row!.bytes
  },

  /**
   * Stops serving a blob that no manifest of the repository needs, unless a push may rely on it.
   *
   * @param pushing - pushes that were active since then, in milliseconds since 1970
   */
  async unlinkUnneeded(repository: string, digest: Digest, pushing: number): Promise<boolean> {
    const rows = await run(
      `DELETE FROM links
       WHERE repository = ${HOME} AND blob = (SELECT id FROM blobs WHERE digest = ?2)
         AND NOT EXISTS (
           SELECT 1 FROM needs CROSS JOIN manifests ON manifests.id = needs.manifest
           WHERE needs.digest = ?2 AND manifests.repository = ${HOME})
         AND NOT EXISTS (
           SELECT 1 FROM uploads JOIN blobs ON blobs.digest = ?2
           WHERE uploads.repository = ?1 AND uploads.touched_at > ?3 AND blobs.used_at > ?3)
       RETURNING blob`,
      repository,
      digest,
      pushing,
    )
    return rows.length > 0
  },
})
