/** An upload: a growing file, and a row with its size and the state of its hash. */
import type { IHasher } from 'hash-wasm'
import { abortable } from '../../core/async/abortable.ts'
import type { AppendOptions, Bytes, Content, Upload, UploadReader } from '../../core/blobs/ports.ts'
import { type Algorithm, algorithmOf, type Digest } from '../../core/oci/digest.ts'
import { throwStorageError } from '../disk/storage-error.ts'
import { createHash, requireDigest } from '../hash.ts'
import { BlockWriter } from './block-writer.ts'
import type { ChunkFiles } from './chunk-files.ts'
import type { DiskDatabase, UploadRow, WriteTransaction } from './database.ts'

export interface IdbUploadDeps {
  readonly database: DiskDatabase
  readonly files: ChunkFiles
}

export class IdbUpload implements Upload {
  readonly id: string
  readonly #algorithm: Algorithm
  readonly #deps: IdbUploadDeps
  #row: UploadRow
  #writer: BlockWriter | undefined

  /** @param row - what is stored of the upload */
  constructor(id: string, algorithm: Algorithm, deps: IdbUploadDeps, row: UploadRow = newRow()) {
    this.id = id
    this.#algorithm = algorithm
    this.#deps = deps
    this.#row = row
  }

  get size(): number {
    return this.#row.size
  }

  async append(bytes: Bytes, { signal, onProgress }: AppendOptions = {}): Promise<void> {
    try {
      for await (const chunk of abortable(bytes, signal)) {
        this.#writer ??= await this.#begin().catch(throwStorageError)
        await this.#writer.write(chunk).catch(throwStorageError)
        onProgress?.(this.#writer.end)
      }
    } finally {
      if (this.#writer) await this.#finish(this.#writer).catch(throwStorageError)
    }
  }

  async commit(digest: Digest): Promise<Content> {
    const algorithm = algorithmOf(digest)
    requireDigest(await this.#hash(algorithm).catch(throwStorageError), digest)
    return await this.#publish(digest).catch(throwStorageError)
  }

  async open(): Promise<UploadReader> {
    const { files } = this.#deps
    const { file } = this.#row
    const release = files.hold(file)
    return {
      read: async (position, length) => {
        const recent = this.#row.file === file ? this.#writer?.readBuffered(position, length) : undefined
        if (recent) return recent
        const { start, bytes } = await files.read(file, position)
        return bytes.slice(position - start, position - start + length)
      },
      close: async () => release(),
    }
  }

  async truncate(size: number): Promise<void> {
    if (size >= this.size) return
    const { database } = this.#deps
    const row = { ...this.#row, size, hash: undefined }
    const shorten = (transaction: WriteTransaction) =>
      Promise.all([cut(transaction, row), keep(transaction, this.id, row)])
    await database.write(['chunks', 'uploads'], shorten).catch(throwStorageError)
    this.#row = row
  }

  async cancel(): Promise<void> {
    if (this.size === 0) return
    await this.#end(async (transaction, { file }) => {
      await transaction.objectStore('uploads').delete(this.id)
      return file
    }).catch(throwStorageError)
  }

  async #begin(): Promise<BlockWriter> {
    const hash = await this.#hash(this.#algorithm)
    const { database } = this.#deps
    return new BlockWriter({ database, id: this.id, row: this.#row, hash, algorithm: this.#algorithm })
  }

  async #finish(writer: BlockWriter): Promise<void> {
    try {
      await writer.finish()
    } finally {
      this.#row = writer.row
      this.#writer = undefined
    }
  }

  /** Returns a hasher over all bytes, for one use. A state that another version stored may not be loadable. */
  async #hash(algorithm: Algorithm): Promise<IHasher> {
    const { size, hash } = this.#row
    const kept = hash?.algorithm === algorithm ? createHash(algorithm, hash.state) : undefined
    return (await kept?.catch(() => undefined)) ?? this.#rehash(await createHash(algorithm), size)
  }

  async #rehash(hash: IHasher, size: number): Promise<IHasher> {
    for (let position = 0; position < size; ) {
      const { start, bytes } = await this.#deps.files.read(this.#row.file, position)
      hash.update(bytes)
      position = start + bytes.length
    }
    return hash
  }

  /** Replaces an existing blob, because it may be damaged. */
  async #publish(digest: Digest): Promise<Content> {
    const { file, size } = this.#row
    await this.#end(async (transaction) => {
      const blobs = transaction.objectStore('blobs')
      const old = await blobs.get(digest)
      await Promise.all([
        blobs.put({ file, size }, digest),
        transaction.objectStore('uploads').delete(this.id),
      ])
      return old?.file
    })
    return this.#deps.files.contentOf({ file, size })
  }

  /** Ends the upload by `work`, which returns the file that is no longer needed. */
  async #end(
    work: (transaction: WriteTransaction, row: UploadRow) => Promise<string | undefined>,
  ): Promise<void> {
    const { database, files } = this.#deps
    const left = await database.write(['blobs', 'uploads', 'leaving'], async (transaction) => {
      const file = await work(transaction, this.#row)
      if (file) await transaction.objectStore('leaving').put(true, file)
      return file
    })
    this.#row = newRow()
    if (left) await files.remove(left)
  }
}

const newRow = (): UploadRow => ({ file: crypto.randomUUID(), size: 0, hash: undefined })

const keep = (transaction: WriteTransaction, id: string, row: UploadRow): Promise<unknown> => {
  const uploads = transaction.objectStore('uploads')
  return row.size > 0 ? uploads.put(row, id) : uploads.delete(id)
}

/** Removes chunks beyond the size of a file. */
async function cut(transaction: WriteTransaction, { file, size }: UploadRow): Promise<void> {
  const chunks = transaction.objectStore('chunks')
  const last = await chunks.openCursor(IDBKeyRange.bound([file, 0], [file, size]), 'prev')
  await chunks.delete(IDBKeyRange.bound([file, size], [file, Infinity]))
  if (!last || last.key[1] === size) return
  await chunks.put(last.value.slice(0, size - last.key[1]), last.key)
}
