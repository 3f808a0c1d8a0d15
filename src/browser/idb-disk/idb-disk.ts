/**
 * The disk in IndexedDB, for browsers whose service workers can't write files: Safari before 26, and some private windows.
 * Bytes are in chunks of 1 MiB. A row names the file of each blob, so nothing is ever copied, and an unfinished
 * transaction leaves nothing. Only one context may have it open at a time.
 */
import type { CreateOptions, Disk } from '../../core/blobs/ports.ts'
import { type Algorithm, CANONICAL, type Digest } from '../../core/oci/digest.ts'
import { requireUploadId } from '../disk/parts.ts'
import { throwStorageError } from '../disk/storage-error.ts'
import { type ChunkFiles, createChunkFiles } from './chunk-files.ts'
import type { DiskDatabase, Key, Value } from './database.ts'
import { IdbUpload } from './idb-upload.ts'

/** Opens the disk and removes what a stopped worker has left. @throws DOMException if there is no IndexedDB */
export async function openIdbDisk(database: DiskDatabase): Promise<Disk> {
  const files = createChunkFiles(database)
  await files.sweep()
  return new IdbDisk(database, files)
}

class IdbDisk implements Disk {
  readonly database: DiskDatabase
  readonly files: ChunkFiles

  constructor(database: DiskDatabase, files: ChunkFiles) {
    this.database = database
    this.files = files
  }

  async get(digest: Digest) {
    const row = await this.#row('blobs', digest)
    return row && this.files.contentOf(row)
  }

  async create({ id = crypto.randomUUID(), algorithm = CANONICAL }: CreateOptions = {}) {
    requireUploadId(id)
    return new IdbUpload(id, algorithm, this)
  }

  async resume(id: string, { algorithm }: { readonly algorithm?: Algorithm } = {}) {
    const row = await this.#row('uploads', id)
    return row && new IdbUpload(id, algorithm ?? row.hash?.algorithm ?? CANONICAL, this, row)
  }

  async delete(digest: Digest): Promise<boolean> {
    const file = await this.database
      .write(['blobs', 'leaving'], async (transaction) => {
        const blobs = transaction.objectStore('blobs')
        const row = await blobs.get(digest)
        if (row)
          await Promise.all([blobs.delete(digest), transaction.objectStore('leaving').put(true, row.file)])
        return row?.file
      })
      .catch(throwStorageError)
    if (file) await this.files.remove(file)
    return file !== undefined
  }

  async *list() {
    yield* await this.#keys('blobs')
  }

  async *uploads() {
    yield* await this.#keys('uploads')
  }

  async #row<S extends 'blobs' | 'uploads'>(store: S, key: Key<S>): Promise<Value<S> | undefined> {
    return (await this.database.open().catch(throwStorageError)).get(store, key).catch(throwStorageError)
  }

  async #keys<S extends 'blobs' | 'uploads'>(store: S): Promise<Key<S>[]> {
    return (await this.database.open().catch(throwStorageError)).getAllKeys(store).catch(throwStorageError)
  }
}
