/**
 * An upload as one plain file, `uploads/<id>`. The length of the file is how far the upload has come.
 */
import { constants } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { LRUCache } from 'lru-cache'
import { abortable } from '../../core/async/abortable.ts'
import type { AppendOptions, Bytes, Content, Upload, UploadReader } from '../../core/blobs/ports.ts'
import { type Algorithm, algorithmOf, type Digest } from '../../core/oci/digest.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { FileContent } from './file-content.ts'
import { FileWriter } from './file-writer.ts'
import { calls, hashStored, type RunningHash, UploadFileReader } from './io.ts'
import { storageError } from './storage-error.ts'

/** What an upload needs from its disk. */
export interface UploadDisk {
  readonly hashes: LRUCache<string, RunningHash>
  /** Permissions of new files. */
  readonly fileMode: number
  uploadPath(id: string): string
  blobPath(digest: Digest): string
  syncUploads(): Promise<void>
  syncBlobs(algorithm: Algorithm): Promise<void>
}

const { O_RDONLY, O_RDWR, O_CREAT, O_TRUNC } = constants

export class FileUpload implements Upload {
  readonly id: string
  readonly #disk: UploadDisk
  readonly #path: string
  readonly #algorithm: Algorithm
  #size: number
  #made: Promise<void> | undefined
  /** The last append, whose bytes the commit makes durable. */
  #last: Appending | undefined

  constructor(id: string, size: number, algorithm: Algorithm, disk: UploadDisk) {
    this.id = id
    this.#size = size
    this.#algorithm = algorithm
    this.#disk = disk
    this.#path = disk.uploadPath(id)
  }

  get size(): number {
    return this.#size
  }

  /** Starts to create the file, which takes journaling file systems a while. */
  makeFile(): void {
    this.#made = calls.open(this.#path, O_RDWR | O_CREAT, this.#disk.fileMode).then(calls.closeNow, () => {})
  }

  async append(bytes: Bytes, options: AppendOptions = {}): Promise<void> {
    const { signal, last = false, onProgress } = options
    let appending: Appending | undefined
    let isComplete = false
    try {
      for await (const chunk of abortable(bytes, signal)) {
        appending ??= await this.#begin(last, onProgress).catch(rethrow)
        const full = appending.writer.add(chunk)
        if (full) await full.catch(rethrow)
      }
      isComplete = true
    } finally {
      if (appending) await this.#finish(appending, last && isComplete)
    }
  }

  async commit(digest: Digest, { isNew = false }: { readonly isNew?: boolean } = {}): Promise<Content> {
    const algorithm = algorithmOf(digest)
    const actual = `${algorithm}:${await this.#hash(algorithm).catch(rethrow)}`
    if (actual !== digest) {
      this.#closeLast()
      throw new RegistryError('DIGEST_INVALID', undefined, {
        detail: { digest, reason: `content is ${actual}` },
      })
    }
    await this.#publish(digest, isNew).catch(rethrow)
    return new FileContent(this.#disk.blobPath(digest), this.#size)
  }

  async open(): Promise<UploadReader> {
    await this.#made
    const file = calls.open(this.#path, O_RDONLY | O_CREAT, this.#disk.fileMode)
    return new UploadFileReader(await file.catch(rethrow))
  }

  async truncate(size: number): Promise<void> {
    if (size >= this.#size) return
    this.#closeLast()
    this.#disk.hashes.delete(this.id)
    const file = await this.#open().catch(rethrow)
    await calls
      .truncate(file, size)
      .finally(() => calls.closeNow(file))
      .catch(rethrow)
    this.#size = size
  }

  async cancel(): Promise<void> {
    await this.#made
    this.#disk.hashes.delete(this.id)
    this.#closeLast()
    await rm(this.#path, { force: true }).catch(rethrow)
  }

  async #begin(isLast: boolean, onProgress: AppendOptions['onProgress']): Promise<Appending> {
    this.#closeLast()
    const file = await this.#open()
    const known = this.#takeHash(this.#algorithm)
    // The folder is synced while the bytes arrive. The last append needs no sync, because the commit moves the file.
    const named = known || isLast ? Promise.resolve() : this.#disk.syncUploads()
    named.catch(() => {})
    try {
      const running = known ?? (await this.#hashFile(file, this.#algorithm))
      const writer = new FileWriter(file, this.#size, running.hash, onProgress)
      return { writer, start: this.#size, running, named }
    } catch (error) {
      calls.closeNow(file)
      throw error
    }
  }

  async #finish(appending: Appending, isLast: boolean): Promise<void> {
    const { writer, named } = appending
    try {
      this.#size = await writer.flush()
      const running = { ...appending.running, size: this.#size }
      if (!isLast) await writer.sync()
      await named
      if (isLast) this.#last = { ...appending, running }
      else this.#disk.hashes.set(this.id, running)
    } catch (error) {
      await this.#keepValidBytes(appending)
      throw storageError(error)
    } finally {
      if (!this.#last) calls.closeNow(writer.file)
    }
  }

  /**
   * Moves the file to its blob. For a new blob, the bytes and the name are synced in parallel; an existing blob is only
   * replaced by a file that is already durable.
   */
  async #publish(digest: Digest, isNew: boolean): Promise<void> {
    const last = this.#last
    try {
      if (!isNew) await last?.writer.sync()
      calls.renameNow(this.#path, this.#disk.blobPath(digest))
      await Promise.all([isNew && last?.writer.sync(), this.#disk.syncBlobs(algorithmOf(digest))])
    } catch (error) {
      if (last) await this.#keepValidBytes(last)
      throw error
    } finally {
      this.#closeLast()
    }
  }

  /** Closes the file that was kept open for the commit. */
  #closeLast(): void {
    if (this.#last) calls.closeNow(this.#last.writer.file)
    this.#last = undefined
  }

  /** Bytes are written in order, so the file always holds the beginning of what was sent. */
  async #keepValidBytes({ writer, start, named }: Appending): Promise<void> {
    await writer.idle()
    this.#size = await sizeOf(writer.file, this.#size)
    if (writer.syncFailed) await this.#discardFrom(writer.file, start)
    await named.catch(() => this.#discardFrom(writer.file, 0))
  }

  /** The bytes from `start` on can't be trusted; the client has to send them again. */
  async #discardFrom(file: number, start: number): Promise<void> {
    const remove = () => rm(this.#path, { force: true })
    await (start > 0 ? calls.truncate(file, start).catch(remove) : remove())
    this.#size = await sizeOf(file, start)
  }

  async #hash(algorithm: Algorithm): Promise<string> {
    const running = this.#takeHash(algorithm) ?? (await this.#hashAgain(algorithm))
    return running.hash.digest('hex')
  }

  /** Removes the hash from the cache, because its state only fits the caller who continues it. */
  #takeHash(algorithm: Algorithm): RunningHash | undefined {
    const running = this.#last?.running ?? this.#disk.hashes.get(this.id)
    this.#disk.hashes.delete(this.id)
    return running?.algorithm === algorithm && running.size === this.#size ? running : undefined
  }

  async #hashAgain(algorithm: Algorithm): Promise<RunningHash> {
    const file = await this.#open()
    return this.#hashFile(file, algorithm).finally(() => calls.closeNow(file))
  }

  /** An upload without bytes has no file yet, or the file of a failed append. */
  async #open(): Promise<number> {
    await this.#made
    const flags = this.#size === 0 ? O_RDWR | O_CREAT | O_TRUNC : O_RDWR
    return calls.open(this.#path, flags, this.#disk.fileMode)
  }

  async #hashFile(file: number, algorithm: Algorithm): Promise<RunningHash> {
    const size = this.#size
    if (size > 0)
      await calls.datasync(file).catch((error) => this.#discardFrom(file, 0).then(() => rethrow(error)))
    return { hash: await hashStored(file, size, algorithm), algorithm, size }
  }
}

interface Appending {
  readonly writer: FileWriter
  /** The size of the upload before this append. */
  readonly start: number
  readonly running: RunningHash
  /** Resolves when the file's name is durable. */
  readonly named: Promise<void>
}

const sizeOf = (file: number, fallback: number): Promise<number> =>
  calls.stat(file).then(
    ({ size, nlink }) => (nlink === 0 ? 0 : size),
    () => fallback,
  )

const rethrow = (cause: unknown): never => {
  throw storageError(cause)
}
