/**
 * A push in progress as a folder of part files, `uploads/<id>/<start>`. Each append leaves one, a long one several. A
 * single part becomes the blob as it is; several are copied into one first.
 */
import type { IHasher } from 'hash-wasm'
import type { LRUCache } from 'lru-cache'
import { abortable } from '../../core/async/abortable.ts'
import type { AppendOptions, Bytes, Content, Upload, UploadReader } from '../../core/blobs/ports.ts'
import { type Algorithm, algorithmOf, type Digest } from '../../core/oci/digest.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { createHash } from '../hash.ts'
import { PartWriter } from './part-writer.ts'
import { endOf, hashParts, type Part } from './parts.ts'
import { rethrow, storageError } from './storage-error.ts'
import { type FilePlace, UploadFiles } from './upload-files.ts'

/** The hash over the first `size` bytes of an upload, kept between its requests. */
export interface RunningHash {
  readonly algorithm: Algorithm
  readonly size: number
  readonly state: Uint8Array
}

/** What an upload needs of its disk. */
export interface UploadPlace extends FilePlace {
  readonly hashes: LRUCache<string, RunningHash>
  /** Milliseconds after which a part ends. */
  readonly partTime: number
}

export class OpfsUpload implements Upload {
  readonly id: string
  readonly #algorithm: Algorithm
  readonly #place: UploadPlace
  readonly #files: UploadFiles
  #size: number

  constructor(id: string, parts: Part[], algorithm: Algorithm, place: UploadPlace) {
    this.id = id
    this.#algorithm = algorithm
    this.#place = place
    this.#files = new UploadFiles(id, parts, place)
    this.#size = endOf(parts)
  }

  get size(): number {
    return this.#size
  }

  async append(bytes: Bytes, { signal, onProgress }: AppendOptions = {}): Promise<void> {
    let writing: Writing | undefined
    try {
      for await (const chunk of abortable(bytes, signal)) {
        writing ??= await this.#begin().catch(rethrow)
        await writing.writer.add(chunk).catch(rethrow)
        onProgress?.(writing.writer.end)
      }
    } finally {
      if (writing) await this.#finish(writing)
    }
  }

  async commit(digest: Digest, { isNew = false }: { readonly isNew?: boolean } = {}): Promise<Content> {
    const algorithm = algorithmOf(digest)
    const actual = `${algorithm}:${(await this.#hash(algorithm).catch(rethrow)).digest()}`
    if (actual !== digest) {
      throw new RegistryError('DIGEST_INVALID', undefined, {
        detail: { digest, reason: `content is ${actual}` },
      })
    }
    const content = await this.#files.publish(digest, isNew)
    this.#place.hashes.delete(this.id)
    return content
  }

  async open(): Promise<UploadReader> {
    return this.#files.open()
  }

  async truncate(size: number): Promise<void> {
    if (size >= this.#size) return
    this.#place.hashes.delete(this.id)
    try {
      await this.#files.shorten(size)
    } finally {
      this.#size = endOf(this.#files.parts)
    }
  }

  async cancel(): Promise<void> {
    this.#place.hashes.delete(this.id)
    await this.#files.remove()
    this.#size = 0
  }

  async #begin(): Promise<Writing> {
    const hash = await this.#hash(this.#algorithm)
    this.#place.hashes.delete(this.id)
    const openFolder = () => this.#place.openFolder(this.id)
    const writer = new PartWriter({
      openFolder,
      parts: this.#files.parts,
      hash,
      partTime: this.#place.partTime,
    })
    this.#files.writer = writer
    return { hash, writer }
  }

  async #finish({ writer, hash }: Writing): Promise<void> {
    try {
      await writer.closePart()
      this.#place.hashes.set(this.id, { algorithm: this.#algorithm, size: writer.end, state: hash.save() })
    } catch (error) {
      await this.#abandon(writer).catch(() => {}) // the next start does it
      throw storageError(error)
    } finally {
      this.#size = endOf(this.#files.parts)
      this.#files.writer = undefined
    }
  }

  async #abandon(writer: PartWriter): Promise<void> {
    await writer.abandon()
    if (this.#files.parts.length === 0) await this.#place.removeFolder(this.id)
  }

  /** Of all bytes, for one use; what is kept stays as it is. */
  async #hash(algorithm: Algorithm): Promise<IHasher> {
    const running = this.#place.hashes.get(this.id)
    const isOfAll = running?.algorithm === algorithm && running.size === this.#size
    return isOfAll ? createHash(algorithm, running.state) : hashParts(this.#files.parts, algorithm)
  }
}

interface Writing {
  readonly writer: PartWriter
  readonly hash: IHasher
}
