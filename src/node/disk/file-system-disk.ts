/**
 * The disk on a file system: an OCI image layout, which other OCI tools can open, too, with the uploads in progress in a
 * folder beside the blobs.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
import { type FileHandle, mkdir, open, opendir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { coalesce } from '../../core/async/singleflight.ts'
import type { CreateOptions, Disk } from '../../core/blobs/ports.ts'
import {
  type Algorithm,
  algorithmOf,
  CANONICAL,
  type Digest,
  encodedOf,
  parseDigest,
} from '../../core/oci/digest.ts'
import { OCI_INDEX } from '../../core/oci/media-type.ts'
import { type Modes, OWNER_ONLY } from './data-folder.ts'
import { FileContent } from './file-content.ts'
import { FileUpload, type UploadDisk } from './file-upload.ts'
import type { RunningHash } from './io.ts'
import { storageError } from './storage-error.ts'

const ALGORITHMS: readonly Algorithm[] = ['sha256', 'sha512']

/** The form of `crypto.randomUUID()`. Nothing else is used as a path. */
const UPLOAD_ID = /^[0-9a-f-]{36}$/

/** Each costs a few hundred bytes. Uploads beyond it are hashed again when they continue. */
const MAX_RUNNING_HASHES = 4096

export interface FileSystemDisk extends Disk {
  close(): Promise<void>
}

/** Opens the folder `root` and makes what is missing. Only one process may have it open. */
export async function openFileSystemDisk(root: string, modes: Modes = OWNER_ONLY): Promise<FileSystemDisk> {
  const folders = ['uploads', ...ALGORITHMS.map((algorithm) => join('blobs', algorithm))]
  for (const folder of folders) {
    await mkdir(join(root, folder), { recursive: true, mode: modes.folder })
  }
  await writeLayoutFiles(root, modes.file)
  // A killed process may have left names that aren't durable yet; sync them before anything relies on them.
  for (const folder of [...folders, 'blobs', '.']) await syncOnce(join(root, folder))
  // Kept open, because only a handle that was open before a write failed is sure to get the error from its next sync.
  const handles = new Map<string, FileHandle>()
  for (const folder of folders) handles.set(folder, await open(join(root, folder)))
  return new LayoutDisk(root, handles, modes.file)
}

class LayoutDisk implements FileSystemDisk, UploadDisk {
  readonly hashes = new LRUCache<string, RunningHash>({ max: MAX_RUNNING_HASHES })
  readonly fileMode: number
  readonly syncUploads: () => Promise<void>
  readonly #root: string
  readonly #handles: ReadonlyMap<string, FileHandle>
  readonly #syncBlobs: Readonly<Record<Algorithm, () => Promise<void>>>

  constructor(root: string, handles: ReadonlyMap<string, FileHandle>, fileMode: number) {
    const syncing = (folder: string) => coalesce(() => handles.get(folder)!.sync())
    this.fileMode = fileMode
    this.#root = root
    this.#handles = handles
    this.syncUploads = syncing('uploads')
    this.#syncBlobs = { sha256: syncing(join('blobs', 'sha256')), sha512: syncing(join('blobs', 'sha512')) }
  }

  async get(digest: Digest): Promise<FileContent | undefined> {
    const path = this.blobPath(digest)
    const stats = await present(stat(path))
    return stats && new FileContent(path, stats.size)
  }

  async create(options: CreateOptions = {}): Promise<FileUpload> {
    const { id = crypto.randomUUID(), algorithm = CANONICAL, ahead = false } = options
    if (!UPLOAD_ID.test(id)) throw new TypeError('not an upload id')
    const upload = new FileUpload(id, 0, algorithm, this)
    if (ahead) upload.makeFile()
    return upload
  }

  async resume(
    id: string,
    options: { readonly algorithm?: Algorithm } = {},
  ): Promise<FileUpload | undefined> {
    if (!UPLOAD_ID.test(id)) return undefined
    const stats = await present(stat(this.uploadPath(id)))
    const algorithm = options.algorithm ?? this.hashes.peek(id)?.algorithm ?? CANONICAL
    return stats && new FileUpload(id, stats.size, algorithm, this)
  }

  async delete(digest: Digest): Promise<boolean> {
    const removed = await present(rm(this.blobPath(digest)).then(() => true))
    return removed ?? false
  }

  async *list(): AsyncGenerator<Digest> {
    for (const algorithm of ALGORITHMS) {
      for await (const { name } of await opendir(join(this.#root, 'blobs', algorithm))) {
        const digest = parseDigest(`${algorithm}:${name}`)
        if (digest) yield digest
      }
    }
  }

  async *uploads(): AsyncGenerator<string> {
    for await (const { name } of await opendir(join(this.#root, 'uploads'))) {
      if (UPLOAD_ID.test(name)) yield name
    }
  }

  async close(): Promise<void> {
    for (const handle of this.#handles.values()) await handle.close()
  }

  uploadPath(id: string): string {
    return `${this.#root}/uploads/${id}`
  }

  blobPath(digest: Digest): string {
    return `${this.#root}/blobs/${algorithmOf(digest)}/${encodedOf(digest)}`
  }

  syncBlobs(algorithm: Algorithm): Promise<void> {
    return this.#syncBlobs[algorithm]()
  }
}

/** `undefined` if there is no such file. */
async function present<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw storageError(error)
  }
}

async function syncOnce(folder: string): Promise<void> {
  const handle = await open(folder)
  await handle.sync().finally(() => handle.close())
}

const FILES: Readonly<Record<string, unknown>> = {
  'oci-layout': { imageLayoutVersion: '1.0.0' },
  'index.json': { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] },
}

/**
 * Writes the two files that make a folder of blobs an OCI image layout, each completely or not at all. The registry never
 * reads them: names are in the catalog, and an existing index stays as it is.
 */
export async function writeLayoutFiles(root: string, mode: number): Promise<void> {
  for (const [name, content] of Object.entries(FILES)) {
    const path = join(root, name)
    if (await stat(path).catch(() => undefined)) continue
    await writeFile(`${path}.new`, JSON.stringify(content), { flush: true, mode })
    await rename(`${path}.new`, path)
  }
}
