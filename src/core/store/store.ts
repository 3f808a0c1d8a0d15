/**
 * The store: what the registry holds, without any HTTP. The disk and the catalog are reached only through it, so that
 * they agree at every moment, even the one at which a crash comes.
 */

import { createEmitter, type Subscribable } from '../async/emitter.ts'
import { createKeyedMutex } from '../async/mutex.ts'
import type { Disk } from '../blobs/ports.ts'
import { type Catalog, openCatalog } from '../catalog/catalog.ts'
import type { Database } from '../catalog/database.ts'
import { type Log, silentLog } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import { createActiveDownloads } from './active-downloads.ts'
import { type BlobStore, createBlobStore } from './blobs.ts'
import { createDownloadStore, type DownloadStore } from './downloads.ts'
import { createEviction, type Eviction } from './eviction.ts'
import { catalogWithFreeSpace, createFreeSpace, diskWithFreeSpace, type Reserve } from './free-space.ts'
import { createLastUsed, RECENT_USE_MS } from './last-used.ts'
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
  readonly eviction: Eviction
  readonly orphans: Orphans
  readonly pushes: Pushes
  readonly space: Space
  readonly removal: Removal
  /** For queries that touch no bytes. */
  readonly catalog: Catalog
  /** Each blob or manifest that has become durable, has been deleted, or is served by one more repository. */
  readonly changes: Subscribable<Digest>
}

export interface StoreOptions {
  /** Bytes that what comes from peers may take; `null` for no limit. */
  readonly budget?: number | null
  readonly reserve?: Reserve | undefined
  /** The longest time from one request of a push to the next, in milliseconds: see {@link Space}. */
  readonly pushGapMs?: number | undefined
  readonly log?: Log
}

/** Brings disk and catalog into agreement first. The caller closes both. */
export async function openStore(
  disk: Disk,
  database: Database,
  { budget = null, reserve, pushGapMs = RECENT_USE_MS, log = silentLog }: StoreOptions = {},
): Promise<Store> {
  const catalog = await openCatalog(database)
  const changes = createEmitter<Digest>()
  const locks = createKeyedMutex()
  const activeDownloads = createActiveDownloads()
  const shared = { locks, lastUsed: createLastUsed(catalog), pushes: createPushes() }
  const { lastUsed, pushes } = shared
  // What frees space uses the plain disk and catalog: it cannot wait for itself.
  const plainBlobs = createBlobStore({ ...shared, disk, catalog, onChange: changes.emit })
  const eviction = createEviction({ ...shared, catalog, blobs: plainBlobs, activeDownloads, budget, log })
  const orphans = createOrphans({ ...shared, catalog, blobs: plainBlobs, pushGapMs })
  const freeSpace = createFreeSpace(async (bytes) => {
    const cached = await catalog.eviction.cachedBytes()
    return eviction.evict({ to: Math.max(0, cached - bytes) })
  }, reserve)
  // Everything else evicts when the storage is full.
  const ports = {
    disk: diskWithFreeSpace(disk, freeSpace),
    catalog: catalogWithFreeSpace(catalog, freeSpace),
  }
  await recover(ports.disk, ports.catalog)
  const onChange = (digest: Digest) => {
    eviction.wake()
    changes.emit(digest)
  }
  const blobs = createBlobStore({ ...shared, ...ports, onChange })
  const manifests = createManifestStore(ports.disk, ports.catalog, blobs, lastUsed)
  const uploads = createUploadStore(ports.disk, ports.catalog, blobs, pushes)
  const downloads = createDownloadStore({ ...ports, blobs, activeDownloads, eviction })
  return {
    blobs,
    uploads,
    downloads,
    manifests,
    statedSizes: createStatedSizes(ports.catalog, manifests),
    eviction,
    orphans,
    pushes,
    space: createSpace({ catalog, uploads, downloads, orphans, eviction, pushGapMs }),
    removal: createRemoval(ports.catalog, blobs),
    catalog: ports.catalog,
    changes,
  }
}
