/**
 * An upload as a folder of parts, the files `uploads/<id>/<start>`. Each append leaves one part, a long one several. A
 * single part becomes the blob as it is; several are copied into one file first.
 */
import type { IHasher } from 'hash-wasm'
import type { LRUCache } from 'lru-cache'
import { abortable } from '../../core/async/abortable.ts'
import type { AppendOptions, Bytes, Content, Upload, UploadReader } from '../../core/blobs/ports.ts'
import { type Algorithm, algorithmOf, type Digest } from '../../core/oci/digest.ts'
import { createHash, requireDigest } from '../hash.ts'
import { PartWriter } from './part-writer.ts'
import { endOf, hashParts, type Part } from './parts.ts'
import { storageError, throwStorageError } from './storage-error.ts'
import { UploadFiles, type UploadFilesDeps } from './upload-files.ts'

/** The hash over the first `size` bytes of an upload, kept between its requests. */
export interface RunningHash {
  readonly algorithm: Algorithm
  readonly size: number
  readonly state: Uint8Array
}

export interface OpfsUploadDeps extends UploadFilesDeps {
  readonly hashes: LRUCache<string, RunningHash>
  /** Milliseconds after which a part ends. */
  readonly partTime: number
}

export class OpfsUpload implements Upload {
  readonly id: string
  readonly #algorithm: Algorithm
  readonly #deps: OpfsUploadDeps
  readonly #files: UploadFiles
  #size: number

  constructor(id: string, parts: Part[], algorithm: Algorithm, deps: OpfsUploadDeps) {
    this.id = id
    this.#algorithm = algorithm
    this.#deps = deps
    this.#files = new UploadFiles(id, parts, deps)
    this.#size = endOf(parts)
  }

  get size(): number {
    return this.#size
  }

  async append(bytes: Bytes, { signal, onProgress }: AppendOptions = {}): Promise<void> {
    let append: Append | undefined
    try {
      for await (const chunk of abortable(bytes, signal)) {
        append ??= await this.#begin().catch(throwStorageError)
        await append.writer.write(chunk).catch(throwStorageError)
        onProgress?.(append.writer.end)
      }
    } finally {
      if (append) await this.#finish(append)
    }
  }

  async commit(digest: Digest, { isNew = false }: { readonly isNew?: boolean } = {}): Promise<Content> {
    const algorithm = algorithmOf(digest)
    requireDigest(await this.#hash(algorithm).catch(throwStorageError), digest)
    const content = await this.#files.publish(digest, isNew)
    this.#deps.hashes.delete(this.id)
    return content
  }

  async open(): Promise<UploadReader> {
    return this.#files.open()
  }

  async truncate(size: number): Promise<void> {
    if (size >= this.#size) return
    this.#deps.hashes.delete(this.id)
    try {
      await this.#files.shorten(size)
    } finally {
      this.#size = endOf(this.#files.parts)
    }
  }

  async cancel(): Promise<void> {
    this.#deps.hashes.delete(this.id)
    await this.#files.remove()
    this.#size = 0
  }

  async #begin(): Promise<Append> {
    const hash = await this.#hash(this.#algorithm)
    this.#deps.hashes.delete(this.id)
    const openFolder = () => this.#deps.openFolder(this.id)
    const writer = new PartWriter({
      openFolder,
      parts: this.#files.parts,
      hash,
      partTime: this.#deps.partTime,
    })
    this.#files.writer = writer
    return { hash, writer }
  }

  async #finish({ writer, hash }: Append): Promise<void> {
    try {
      await writer.closePart()
      this.#deps.hashes.set(this.id, { algorithm: this.#algorithm, size: writer.end, state: hash.save() })
    } catch (error) {
      await this.#abandon(writer).catch(() => {}) // the next start removes it
      throw storageError(error)
    } finally {
      this.#size = endOf(this.#files.parts)
      this.#files.writer = undefined
    }
  }

  async #abandon(writer: PartWriter): Promise<void> {
    await writer.abandon()
    if (this.#files.parts.length === 0) await this.#deps.removeFolder(this.id)
  }

  /** Returns a hasher over all bytes, for one use: the kept state stays as it is. */
  async #hash(algorithm: Algorithm): Promise<IHasher> {
    const running = this.#deps.hashes.get(this.id)
    const coversAll = running?.algorithm === algorithm && running.size === this.#size
    return coversAll ? createHash(algorithm, running.state) : hashParts(this.#files.parts, algorithm)
  }
}

interface Append {
  readonly writer: PartWriter
  readonly hash: IHasher
}
