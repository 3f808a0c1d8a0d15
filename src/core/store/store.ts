/**
 * The store: what the registry holds, without a word of HTTP. The disk and the catalog are reached only through
 * it, so that they agree at every moment, also at the one a crash picks.
 */

import { createKeyedMutex } from '../async/keyed-mutex.ts'
import type { Disk } from '../blobs/ports.ts'
import { type Catalog, openCatalog } from '../catalog/catalog.ts'
import type { Database } from '../catalog/database.ts'
import { type Log, silentLog } from '../log.ts'
import { createArriving } from './arriving.ts'
import { type BlobStore, createBlobStore, type OnChange } from './blobs.ts'
import { createDownloadStore, type DownloadStore } from './downloads.ts'
import { createEviction, type Eviction } from './eviction.ts'
import { catalogWithRoom, createRoom, type Reserve, withRoom } from './free-space.ts'
import { createUses, RECENT } from './last-used.ts'
import { createManifestStore, type ManifestStore } from './manifests.ts'
import { createOrphans, type Orphans } from './orphans.ts'
import { createPushes, type Pushes } from './pushes.ts'
import { recover } from './recover.ts'
import { createRemoval, type Removal } from './removal.ts'
import { createSpace, type Space } from './space.ts'
import { createStatedSizes, type StatedSizes } from './stated-sizes.ts'
import { createUploadStore, type UploadStore } from './uploads.ts'

export interface Store {
  readonly blobs: BlobStore
  readonly uploads: UploadStore
  readonly downloads: DownloadStore
  readonly manifests: ManifestStore
  readonly statedSizes: StatedSizes
  readonly keeping: Eviction
  readonly orphans: Orphans
  readonly pushes: Pushes
  readonly space: Space
  readonly removal: Removal
  /** For questions that touch no bytes. */
  readonly catalog: Catalog
}

export interface StoreOptions {
  readonly onChange?: OnChange
  /** Bytes that what comes from peers may take; `null`: any. */
  readonly budget?: number | null
  readonly reserve?: Reserve | undefined
  /** Milliseconds from one request of a push to the next, at most: see {@link Space}. */
  readonly quiet?: number | undefined
  readonly log?: Log
}

/**
 * Brings disk and catalog into agreement first. Closing the two is the caller's.
 */
export async function openStore(
  givenDisk: Disk,
  database: Database,
  { onChange = () => {}, budget = null, reserve, quiet = RECENT, log = silentLog }: StoreOptions = {},
): Promise<Store> {
  const given = { disk: givenDisk, catalog: await openCatalog(database) }
  const locks = createKeyedMutex()
  const uses = createUses(given.catalog)
  const arriving = createArriving()
  const pushes = createPushes()
  // What makes room writes to disk and catalog as they are: it cannot wait for itself.
  const evictor = createBlobStore({ ...given, locks, uses, pushes, onChange })
  const keeping = createEviction({
    catalog: given.catalog,
    blobs: evictor,
    locks,
    uses,
    arriving,
    budget,
    log,
  })
  const room = createRoom(async (bytes) => {
    const cached = await given.catalog.keeping.cachedBytes()
    return keeping.evict({ to: Math.max(0, cached - bytes) })
  }, reserve)
  const disk = withRoom(givenDisk, room)
  const catalog = catalogWithRoom(given.catalog, room)
  await recover(disk, catalog)
  const onArrival: OnChange = (digest) => {
    keeping.wake()
    onChange(digest)
  }
  const blobs = createBlobStore({ disk, catalog, locks, uses, pushes, onChange: onArrival })
  const manifests = createManifestStore(disk, catalog, blobs, uses)
  const uploads = createUploadStore(disk, catalog, blobs, pushes)
  const downloads = createDownloadStore(disk, catalog, blobs, arriving, keeping)
  const orphans = createOrphans({ catalog: given.catalog, blobs: evictor, locks, uses, pushes, quiet })
  return {
    blobs,
    uploads,
    downloads,
    manifests,
    statedSizes: createStatedSizes(catalog, manifests),
    keeping,
    orphans,
    pushes,
    space: createSpace({ catalog: given.catalog, uploads, downloads, orphans, keeping, quiet }),
    removal: createRemoval(catalog, blobs),
    catalog,
  }
}
