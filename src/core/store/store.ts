/**
 * The store: what the registry holds, without a word of HTTP. The disk and the catalog are reached only through
 * it, so that they agree at every moment, also at the one a crash picks.
 */
import type { Disk } from '../blobs/ports.ts'
import { type Catalog, openCatalog } from '../catalog/catalog.ts'
import type { Database } from '../catalog/database.ts'
import { type BlobStore, createBlobStore, type OnChange } from './blobs.ts'
import { createDownloadStore, type DownloadStore } from './downloads.ts'
import { createManifestStore, type ManifestStore } from './manifests.ts'
import { recover } from './recover.ts'
import { createUploadStore, type UploadStore } from './uploads.ts'

export interface Store {
  readonly blobs: BlobStore
  readonly uploads: UploadStore
  readonly downloads: DownloadStore
  readonly manifests: ManifestStore
  /** For questions that touch no bytes. */
  readonly catalog: Catalog
}

/**
 * Brings disk and catalog into agreement first. Closing the two is the caller's.
 */
export async function openStore(
  disk: Disk,
  database: Database,
  options: { readonly onChange?: OnChange } = {},
): Promise<Store> {
  const catalog = await openCatalog(database)
  await recover(disk, catalog)
  const blobs = createBlobStore(disk, catalog, options.onChange)
  return {
    blobs,
    uploads: createUploadStore(disk, catalog, blobs),
    downloads: createDownloadStore(disk, catalog, blobs),
    manifests: createManifestStore(disk, catalog, blobs),
    catalog,
  }
}
