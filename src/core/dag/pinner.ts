/** The port to whatever keeps the list of pins: Helia, or nothing where the swarm is off. */
import type { CID } from 'multiformats/cid'

interface Waiting {
  readonly signal: AbortSignal
}

/** Both are idempotent, also after they broke off anywhere. */
export interface Pinner {
  /** @param nodes - the blocks of the DAG but for its leaves, the root last; of a single leaf, that leaf */
  pin(root: CID, nodes: readonly CID[], options: Waiting): Promise<void>
  unpin(root: CID, options: Waiting): Promise<void>
}
