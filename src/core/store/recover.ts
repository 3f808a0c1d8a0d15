/**
 * Makes disk and catalog agree after a crash. Looks only at uploads and doubts, of which there are as many as
 * requests were under way, so the time does not grow with the number of blobs.
 */
import type { Disk } from '../blobs/ports.ts'
import type { Doubt } from '../catalog/blobs.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { settle } from './blobs.ts'
import { recordUpload } from './uploads.ts'

export async function recover(disk: Disk, catalog: Catalog): Promise<void> {
  for (const doubt of await catalog.blobs.doubts()) {
    await finishCommit(disk, catalog, doubt)
    await settle(disk, catalog, doubt.digest)
  }
  for await (const id of disk.uploads()) {
    const upload = await disk.resume(id)
    const isWanted = upload && upload.size > 0 && (await isKnown(catalog, id))
    if (!isWanted) await upload?.cancel() // an upload without bytes goes on without a file as well
  }
}

/** A client was told of it, or it gathers a download. */
const isKnown = async (catalog: Catalog, id: string): Promise<boolean> =>
  (await catalog.uploads.repositoryOf(id)) !== undefined || (await catalog.downloads.has(id))

/**
 * An upload whose bytes were moved into place, which happens only after their digest was checked, but not recorded:
 * the client was told that they are safe, so they are recorded now.
 */
async function finishCommit(disk: Disk, catalog: Catalog, { digest, upload, size }: Doubt): Promise<void> {
  const repository = upload ? await catalog.uploads.repositoryOf(upload) : undefined
  if (!upload || !repository || (await disk.resume(upload))) return
  const content = await disk.get(digest)
  if (content?.size !== size) return
  await catalog.transaction(async (queries) => {
    await queries.blobs.add(digest, content!.size)
    await recordUpload(queries, { repository, upload, digest })
  })
}
