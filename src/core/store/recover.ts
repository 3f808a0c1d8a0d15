/**
 * Makes disk and catalog agree after a crash. It looks only at uploads and at digests in doubt, of which there are as
 * many as there were requests under way, so the time does not grow with the number of blobs.
 */
import type { Disk } from '../blobs/ports.ts'
import type { Doubt } from '../catalog/blobs.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { resolveDoubt } from './blobs.ts'
import { recordUpload } from './uploads.ts'

export async function recover(disk: Disk, catalog: Catalog): Promise<void> {
  for (const doubt of await catalog.blobs.doubts()) {
    await finishCommit(disk, catalog, doubt)
    await resolveDoubt(disk, catalog, doubt.digest)
  }
  for await (const id of disk.uploads()) {
    const upload = await disk.resume(id)
    const isWanted = upload && upload.size > 0 && (await isKnown(catalog, id))
    if (!isWanted) await upload?.cancel() // an upload without bytes can be continued without a file
  }
}

/** It is a client's session, or it holds a download. */
const isKnown = async (catalog: Catalog, id: string): Promise<boolean> =>
  (await catalog.uploads.repositoryOf(id)) !== undefined || (await catalog.downloads.has(id))

/**
 * Records an upload whose bytes were moved into place but not recorded. They are moved only after their digest was
 * checked, and the client was told that they are safe.
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
