/** Wires the rooms to a registry: the only place that knows them all. */
import type { Disk } from './blobs/ports.ts'
import type { Database } from './catalog/database.ts'
import type { Config } from './config.ts'
import { createLeafQueue } from './dag/leaf-queue.ts'
import { type HashLeaves, hashLeaves } from './dag/leaves.ts'
import type { Log } from './log.ts'
import { type DigestOf, digestOf } from './oci/digest.ts'
import { createRegistry, type Registry } from './registry/registry.ts'
import { startPurging } from './store/purge.ts'
import { openStore, type Store } from './store/store.ts'

export interface Assembly {
  readonly registry: Registry
  readonly store: Store
  /** Ends what runs in the background. Disk and database are the caller's. */
  close(): Promise<void>
}

export async function assemble(parts: {
  readonly disk: Disk
  readonly database: Database
  readonly config: Config
  readonly log: Log
  /** The platform's own ways, if it knows faster ones. */
  readonly hashLeaves?: HashLeaves
  readonly digestOf?: DigestOf
}): Promise<Assembly> {
  const { disk, database, config, log } = parts
  const store = await openStore(disk, database, { onCommit: () => leaves.wake() })
  const leaves = createLeafQueue(disk, store.catalog, parts.hashLeaves ?? hashLeaves, log)
  const { uploadpurging, readonly } = config.storage.maintenance
  const stopPurging = readonly.enabled ? () => {} : startPurging(store.uploads, uploadpurging, log)
  leaves.wake()
  return {
    registry: createRegistry({ store, config, log, digestOf: parts.digestOf ?? digestOf }),
    store,
    close() {
      stopPurging()
      return leaves.close()
    },
  }
}
