/**
 * Makes disk and catalog agree after a crash. Looks only at uploads and doubts, of which there are as many as
 * requests were under way, so the time does not grow with the number of blobs.
 */
import type { Disk } from '../blobs/ports.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { settle } from './blobs.ts'

export async function recover(disk: Disk, catalog: Catalog): Promise<void> {
  for (const digest of await catalog.blobs.doubts()) await settle(disk, catalog, digest)
  for await (const id of disk.uploads()) {
    if (!(await catalog.uploads.exists(id))) await (await disk.resume(id))?.cancel()
  }
}
