/**
 * Deletions: digests and tags that were deleted from a repository. They are remembered because peers may still have them.
 * Evictions are not recorded here, because what is evicted may come back.
 */
import type { Run } from './database.ts'
import { inBatches } from './database.ts'

/** The oldest are dropped first. */
export const MAX_DELETIONS = 100_000

const HOME = '(SELECT id FROM repositories WHERE name = ?1)'

export const deletionQueries = (run: Run) => ({
  /** @param reference - a digest or a tag */
  async has(repository: string, reference: string): Promise<boolean> {
    const sql = `SELECT 1 FROM deletions WHERE repository = ${HOME} AND reference = ?2`
    return (await run(sql, repository, reference)).length > 0
  },

  /** Of these digests, those that were not deleted from the repository. */
  async without<T extends string>(repository: string, digests: readonly T[]): Promise<T[]> {
    const left: T[] = []
    await inBatches(digests, async (batch) => {
      const rows = await run<{ value: T }>(
        `SELECT value FROM json_each(?2) WHERE NOT EXISTS (
           SELECT 1 FROM deletions WHERE repository = ${HOME} AND reference = value)`,
        repository,
        JSON.stringify(batch),
      )
      for (const { value } of rows) left.push(value)
    })
    return left
  },

  /** To be called in the transaction that deletes, after the deletion. The repository must exist. */
  async record(repository: string, references: readonly string[]): Promise<void> {
    await inBatches(references, (batch) =>
      run(
        `INSERT OR REPLACE INTO deletions (repository, reference) SELECT ${HOME}, value FROM json_each(?2)`,
        repository,
        JSON.stringify(batch),
      ),
    )
    await run('DELETE FROM deletions WHERE id <= (SELECT max(id) FROM deletions) - ?', MAX_DELETIONS)
  },

  /**
   * Ends the deletion of a tag, or those of an image and of everything that it is known to need. A push ends deletions by
   * triggers.
   */
  async endFor(repository: string, reference: string): Promise<void> {
    await run(
      `WITH RECURSIVE needed (digest) AS (
         SELECT ?2
         UNION
         SELECT needs.digest FROM needed
         CROSS JOIN blobs ON blobs.digest = needed.digest
         CROSS JOIN manifests ON manifests.blob = blobs.id AND manifests.repository = ${HOME}
         CROSS JOIN needs ON needs.manifest = manifests.id)
       DELETE FROM deletions WHERE repository = ${HOME} AND reference IN (SELECT digest FROM needed)`,
      repository,
      reference,
    )
  },
})
