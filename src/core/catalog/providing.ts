/** What the swarm's table of providers has to be told of: the work list of providing, which survives a restart. */
import { LEAF_SIZE } from '../leaf.ts'
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'

/** A pinned digest whose turn it is. */
export interface Due {
  readonly digest: Digest
  /** Worth a look-up: a manifest, or a blob that is not small. */
  readonly matters: boolean
}

const PINNED = `SELECT digest,
    size >= ${LEAF_SIZE} OR EXISTS (SELECT 1 FROM manifests WHERE manifests.blob = blobs.id) AS matters
  FROM pins JOIN blobs ON blobs.id = pins.blob`

export const providingQueries = (run: Run) => ({
  /** The newest pins that were never looked at; where there are none, those not looked at since `time`. */
  async due(time: number, limit: number): Promise<Due[]> {
    const unseen = `${PINNED} WHERE provided_at IS NULL ORDER BY pins.blob DESC LIMIT ?`
    const rows = await run<DueRow>(unseen, limit)
    if (rows.length > 0) return rows.map(toDue)
    const aged = `${PINNED} WHERE provided_at < ? ORDER BY provided_at LIMIT ?`
    return (await run<DueRow>(aged, time, limit)).map(toDue)
  },

  /** Notes that the swarm was told of these, or need not be. */
  async done(digests: readonly Digest[], now: number): Promise<void> {
    await run(
      `UPDATE pins SET provided_at = ? WHERE blob IN (
         SELECT id FROM blobs WHERE digest IN (SELECT value FROM json_each(?)))`,
      now,
      JSON.stringify(digests),
    )
  },
})

type DueRow = { digest: Digest; matters: number }

const toDue = ({ digest, matters }: DueRow): Due => ({ digest, matters: matters === 1 })
