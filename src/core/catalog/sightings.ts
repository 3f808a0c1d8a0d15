/** Sightings: the newest record of a tag that each peer gave. Without them, an old tag could pass for the newest. */
import type { Run } from './database.ts'

export interface Sighting {
  readonly peer: string
  /** When the peer set the tag: milliseconds since 1970. */
  readonly taggedAt: number
}

/** Those noted longest ago give way. */
export const MAX_SIGHTINGS = 10_000

export const sightingQueries = (run: Run) => ({
  async of(repository: string, tag: string): Promise<Sighting[]> {
    return run<{ peer: string; taggedAt: number }>(
      'SELECT peer, tagged_at AS taggedAt FROM tag_sightings WHERE repository = ? AND tag = ?',
      repository,
      tag,
    )
  },

  /** Of no effect where a newer one is noted. */
  async note(repository: string, tag: string, { peer, taggedAt }: Sighting): Promise<void> {
    await run(
      `INSERT OR REPLACE INTO tag_sightings (repository, tag, peer, tagged_at)
       SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (
         SELECT 1 FROM tag_sightings WHERE repository = ?1 AND tag = ?2 AND peer = ?3 AND tagged_at >= ?4)`,
      repository,
      tag,
      peer,
      taggedAt,
    )
    await run('DELETE FROM tag_sightings WHERE id <= (SELECT max(id) FROM tag_sightings) - ?', MAX_SIGHTINGS)
  },
})
