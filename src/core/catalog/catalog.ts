/**
 * The catalog: everything that the registry knows about its bytes, in SQL. Listing, linking, mounting, deleting and
 * referrers are queries; no request ever scans the disk.
 */
import { blobQueries } from './blobs.ts'
import { blockQueries } from './blocks.ts'
import type { Database, Run } from './database.ts'
import { datastoreQueries } from './datastore.ts'
import { deletionQueries } from './deletions.ts'
import { downloadQueries, sourceQueries } from './downloads.ts'
import { evictableQueries } from './evictable.ts'
import { evictionQueries } from './eviction.ts'
import { inventoryQueries } from './inventory.ts'
import { leafQueries } from './leaves.ts'
import { listingQueries } from './listing.ts'
import { manifestQueries } from './manifests.ts'
import { nameQueries } from './names.ts'
import { orphanQueries } from './orphans.ts'
import { pageAddressQueries } from './page-addresses.ts'
import { peerReferrerQueries } from './peer-referrers.ts'
import { pinQueries, providingQueries } from './pins.ts'
import { removalQueries } from './removal.ts'
import { repositoryQueries } from './repositories.ts'
import { migrate } from './schema.ts'
import { shareFactQueries } from './share-facts.ts'
import { seenTagQueries, tagQueries } from './tags.ts'
import { uploadQueries } from './uploads.ts'

export type Queries = ReturnType<typeof queries>

export interface Catalog extends Queries {
  /** Like {@link Database.transaction}, with the catalog's own queries. */
  transaction<T>(work: (queries: Queries) => Promise<T>, options?: { readonly durable?: boolean }): Promise<T>
}

/** Migrates the tables. The caller closes the database. */
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
  sources: sourceQueries(run),
  orphans: orphanQueries(run),
  shareFacts: shareFactQueries(run),
  listing: listingQueries(run),
  seenTags: seenTagQueries(run),
  peerReferrers: peerReferrerQueries(run),
  eviction: evictionQueries(run),
  removal: removalQueries(run),
  evictable: evictableQueries(run),
  inventory: inventoryQueries(run),
  pageAddresses: pageAddressQueries(run),
  providing: providingQueries(run),
})
