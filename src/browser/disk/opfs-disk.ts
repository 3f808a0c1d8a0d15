/**
 * The disk in the browser's origin private file system. It works in a service worker, so it can't use the synchronous
 * access that only dedicated workers have. One context writes it; any may read a blob, which never changes.
 *
 * @see https://fs.spec.whatwg.org/
 */
import { LRUCache } from 'lru-cache'
import type { CreateOptions, Disk } from '../../core/blobs/ports.ts'
import { type Algorithm, CANONICAL, type Digest } from '../../core/oci/digest.ts'
import { type BlobFiles, createBlobFiles } from './blob-files.ts'
import type { FileContent } from './file-content.ts'
import { OpfsUpload, type OpfsUploadDeps, type RunningHash } from './opfs-upload.ts'
import { isUploadFolder, isUploadId, readParts, requireUploadId } from './parts.ts'
import { ifExists } from './storage-error.ts'
import { createTemporaryFiles, removeLeftovers, type TemporaryFiles } from './temporary-files.ts'

type Folder = FileSystemDirectoryHandle

/** Uploads beyond this number are hashed again when they continue. Each costs a few hundred bytes. */
const MAX_RUNNING_HASHES = 4096

const PART_TIME_MS = 30_000

export interface OpfsDiskOptions {
  /**
   * A long append becomes durable at this interval in milliseconds, so that no more is lost if the worker is stopped. The
   * price is that the commit has to copy the blob.
   */
  readonly partTime?: number
}

/** Opens the folder `root`: creates what is missing in it and removes what a stopped worker has left. */
export async function openOpfsDisk(root: Folder, options: OpfsDiskOptions = {}): Promise<Disk> {
  const blobs = await open(root, 'blobs')
  const folders = new Map<Algorithm, Folder>()
  for (const algorithm of ['sha256', 'sha512'] as const) folders.set(algorithm, await open(blobs, algorithm))
  const uploads = await open(root, 'uploads')
  const temporary = await open(root, 'temporary')
  await removeLeftovers(uploads, temporary)
  const files = createTemporaryFiles(temporary)
  return new OpfsDisk(uploads, createBlobFiles(folders, files), files, options)
}

class OpfsDisk implements Disk, OpfsUploadDeps {
  readonly hashes = new LRUCache<string, RunningHash>({ max: MAX_RUNNING_HASHES })
  readonly blobs: BlobFiles
  readonly temporary: TemporaryFiles
  readonly partTime: number
  readonly #uploads: Folder

  constructor(
    uploads: Folder,
    blobs: BlobFiles,
    temporary: TemporaryFiles,
    { partTime = PART_TIME_MS }: OpfsDiskOptions,
  ) {
    this.#uploads = uploads
    this.blobs = blobs
    this.temporary = temporary
    this.partTime = partTime
  }

  get(digest: Digest): Promise<FileContent | undefined> {
    return this.blobs.get(digest)
  }

  async create({ id = crypto.randomUUID(), algorithm = CANONICAL }: CreateOptions = {}): Promise<OpfsUpload> {
    requireUploadId(id)
    return new OpfsUpload(id, [], algorithm, this)
  }

  async resume(
    id: string,
    options: { readonly algorithm?: Algorithm } = {},
  ): Promise<OpfsUpload | undefined> {
    if (!isUploadId(id)) return undefined
    const folder = await ifExists(this.#uploads.getDirectoryHandle(id))
    const parts = folder ? await readParts(folder) : []
    const algorithm = options.algorithm ?? this.hashes.peek(id)?.algorithm ?? CANONICAL
    return parts.length > 0 ? new OpfsUpload(id, parts, algorithm, this) : undefined
  }

  delete(digest: Digest): Promise<boolean> {
    return this.blobs.delete(digest)
  }

  list(): AsyncIterable<Digest> {
    return this.blobs.list()
  }

  async *uploads(): AsyncGenerator<string> {
    for await (const entry of this.#uploads.values()) {
      if (isUploadFolder(entry) && (await readParts(entry)).length > 0) yield entry.name
    }
  }

  openFolder(id: string): Promise<Folder> {
    return open(this.#uploads, id)
  }

  async removeFolder(id: string): Promise<void> {
    await ifExists(this.#uploads.removeEntry(id, { recursive: true }))
  }
}

const open = (folder: Folder, name: string): Promise<Folder> =>
  folder.getDirectoryHandle(name, { create: true })
