/**
 * The catalog: everything the registry knows about its bytes, in SQL. Listing, linking, mounting, deleting and
 * referrers are questions to it; no request ever scans the disk.
 */
import { blobQueries } from './blobs.ts'
import { blockQueries } from './blocks.ts'
import type { Database, Run } from './database.ts'
import { datastoreQueries } from './datastore.ts'
import { deletionQueries } from './deletions.ts'
import { downloadQueries } from './downloads.ts'
import { evictableQueries } from './evictable.ts'
import { keepingQueries } from './eviction.ts'
import { holdingQueries } from './inventory.ts'
import { leafQueries } from './leaves.ts'
import { listingQueries } from './listing.ts'
import { manifestQueries } from './manifests.ts'
import { nameQueries } from './names.ts'
import { originQueries } from './origins.ts'
import { orphanQueries } from './orphans.ts'
import { pageAddressQueries } from './page-addresses.ts'
import { pinQueries } from './pins.ts'
import { providingQueries } from './providing.ts'
import { removalQueries } from './removal.ts'
import { repositoryQueries } from './repositories.ts'
import { migrate } from './schema.ts'
import { sharingQueries } from './sharing.ts'
import { sightingQueries } from './sightings.ts'
import { tagQueries } from './tags.ts'
import { uploadQueries } from './uploads.ts'
import { vouchingQueries } from './vouching.ts'

export type Queries = ReturnType<typeof queries>

export interface Catalog extends Queries {
  /** Like {@link Database.transaction}, with the catalog's own queries. */
  transaction<T>(work: (queries: Queries) => Promise<T>, options?: { readonly durable?: boolean }): Promise<T>
}

/** Brings the tables up to date. Closing the database is the caller's. */
export async function openCatalog(database: Database): Promise<Catalog> {
  await migrate(database)
  return {
    ...queries(database.run),
    transaction: (work, options) => database.transaction((run) => work(queries(run)), options),
  }
}

const queries = (run: Run) => ({
  repositories: repositoryQueries(run),
  blobs: blobQueries(run),
  leaves: leafQueries(run),
  blocks: blockQueries(run),
  pins: pinQueries(run),
  datastore: datastoreQueries(run),
  manifests: manifestQueries(run),
  tags: tagQueries(run),
  names: nameQueries(run),
  deletions: deletionQueries(run),
  uploads: uploadQueries(run),
  downloads: downloadQueries(run),
  origins: originQueries(run),
  orphans: orphanQueries(run),
  sharing: sharingQueries(run),
  listing: listingQueries(run),
  sightings: sightingQueries(run),
  vouching: vouchingQueries(run),
  keeping: keepingQueries(run),
  removal: removalQueries(run),
  evictable: evictableQueries(run),
  holdings: holdingQueries(run),
  pageAddresses: pageAddressQueries(run),
  providing: providingQueries(run),
})
