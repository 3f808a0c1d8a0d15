/**
 * The disk in IndexedDB, for browsers whose service workers can write no files: Safari before 26, and private windows
 * that refuse them. Bytes are chunks of a mebibyte; a row names the file of each blob, so nothing is ever copied, and
 * what a transaction has not finished never was. One context at a time has it open.
 */
import type { CreateOptions, Disk } from '../../core/blobs/ports.ts'
import { type Algorithm, CANONICAL, type Digest } from '../../core/oci/digest.ts'
import { isUploadId } from '../disk/parts.ts'
import { rethrow } from '../disk/storage-error.ts'
import { type ChunkFiles, createChunkFiles } from './chunk-files.ts'
import type { DiskDatabase, Key, Value } from './database.ts'
import { IdbUpload } from './idb-upload.ts'

/** Opens it, and removes what a worker that was stopped has left. @throws DOMException where there is no IndexedDB */
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
    if (!isUploadId(id)) throw new TypeError('not an upload id')
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
      .catch(rethrow)
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
    return (await this.database.open().catch(rethrow)).get(store, key).catch(rethrow)
  }

  async #keys<S extends 'blobs' | 'uploads'>(store: S): Promise<Key<S>[]> {
    return (await this.database.open().catch(rethrow)).getAllKeys(store).catch(rethrow)
  }
}
