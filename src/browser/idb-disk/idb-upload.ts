/** A push in progress: a file that grows, and a row that says how far it has come and what its hash is until there. */
import type { IHasher } from 'hash-wasm'
import { abortable } from '../../core/async/abortable.ts'
import type { AppendOptions, Bytes, Content, Upload, UploadReader } from '../../core/blobs/ports.ts'
import { type Algorithm, algorithmOf, type Digest } from '../../core/oci/digest.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { rethrow } from '../disk/storage-error.ts'
import { createHash } from '../hash.ts'
import { BlockWriter } from './block-writer.ts'
import type { ChunkFiles } from './chunk-files.ts'
import type { DiskDatabase, UploadRow, Writing } from './database.ts'

export interface UploadPlace {
  readonly database: DiskDatabase
  readonly files: ChunkFiles
}

export class IdbUpload implements Upload {
  readonly id: string
  readonly #algorithm: Algorithm
  readonly #place: UploadPlace
  #row: UploadRow
  #writer: BlockWriter | undefined

  /** @param row - what is stored of it */
  constructor(id: string, algorithm: Algorithm, place: UploadPlace, row: UploadRow = newRow()) {
    this.id = id
    this.#algorithm = algorithm
    this.#place = place
    this.#row = row
  }

  get size(): number {
    return this.#row.size
  }

  async append(bytes: Bytes, { signal, onProgress }: AppendOptions = {}): Promise<void> {
    try {
      for await (const chunk of abortable(bytes, signal)) {
        this.#writer ??= await this.#begin().catch(rethrow)
        await this.#writer.add(chunk).catch(rethrow)
        onProgress?.(this.#writer.end)
      }
    } finally {
      if (this.#writer) await this.#finish(this.#writer).catch(rethrow)
    }
  }

  async commit(digest: Digest): Promise<Content> {
    const algorithm = algorithmOf(digest)
    const actual = `${algorithm}:${(await this.#hash(algorithm).catch(rethrow)).digest()}`
    if (actual !== digest) {
      throw new RegistryError('DIGEST_INVALID', undefined, {
        detail: { digest, reason: `content is ${actual}` },
      })
    }
    return await this.#publish(digest).catch(rethrow)
  }

  async open(): Promise<UploadReader> {
    const { files } = this.#place
    const { file } = this.#row
    const release = files.hold(file)
    return {
      read: async (position, length) => {
        const recent = this.#row.file === file ? this.#writer?.recent(position, length) : undefined
        if (recent) return recent
        const { start, bytes } = await files.read(file, position)
        return bytes.slice(position - start, position - start + length)
      },
      close: async () => release(),
    }
  }

  async truncate(size: number): Promise<void> {
    if (size >= this.size) return
    const { database } = this.#place
    const row = { ...this.#row, size, hash: undefined }
    const shorten = (transaction: Writing) =>
      Promise.all([cut(transaction, row), keep(transaction, this.id, row)])
    await database.write(['chunks', 'uploads'], shorten).catch(rethrow)
    this.#row = row
  }

  async cancel(): Promise<void> {
    if (this.size === 0) return
    await this.#leave(async (transaction, { file }) => {
      await transaction.objectStore('uploads').delete(this.id)
      return file
    }).catch(rethrow)
  }

  async #begin(): Promise<BlockWriter> {
    const hash = await this.#hash(this.#algorithm)
    const { database } = this.#place
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

  /** Of all bytes, for one use. What another version has kept of it may be of no use. */
  async #hash(algorithm: Algorithm): Promise<IHasher> {
    const { size, hash } = this.#row
    const kept = hash?.algorithm === algorithm ? createHash(algorithm, hash.state) : undefined
    return (await kept?.catch(() => undefined)) ?? this.#hashAnew(await createHash(algorithm), size)
  }

  async #hashAnew(hash: IHasher, size: number): Promise<IHasher> {
    for (let position = 0; position < size; ) {
      const { start, bytes } = await this.#place.files.read(this.#row.file, position)
      hash.update(bytes)
      position = start + bytes.length
    }
    return hash
  }

  /** What was there before makes way: it may have been damaged. */
  async #publish(digest: Digest): Promise<Content> {
    const { file, size } = this.#row
    await this.#leave(async (transaction) => {
      const blobs = transaction.objectStore('blobs')
      const old = await blobs.get(digest)
      await Promise.all([
        blobs.put({ file, size }, digest),
        transaction.objectStore('uploads').delete(this.id),
      ])
      return old?.file
    })
    return this.#place.files.contentOf({ file, size })
  }

  /** Ends the upload, by `work`, which gives the file that is of no more use. */
  async #leave(work: (transaction: Writing, row: UploadRow) => Promise<string | undefined>): Promise<void> {
    const { database, files } = this.#place
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

const keep = (transaction: Writing, id: string, row: UploadRow): Promise<unknown> => {
  const uploads = transaction.objectStore('uploads')
  return row.size > 0 ? uploads.put(row, id) : uploads.delete(id)
}

/** Removes what is stored beyond the size of a file. */
async function cut(transaction: Writing, { file, size }: UploadRow): Promise<void> {
  const chunks = transaction.objectStore('chunks')
  const last = await chunks.openCursor(IDBKeyRange.bound([file, 0], [file, size]), 'prev')
  await chunks.delete(IDBKeyRange.bound([file, size], [file, Infinity]))
  if (!last || last.key[1] === size) return
  await chunks.put(last.value.slice(0, size - last.key[1]), last.key)
}
