/**
 * A push in progress as one plain file, `uploads/<id>`, whose length is the truth about how far it has come.
 */
import { constants } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { LRUCache } from 'lru-cache'
import { abortable } from '../../core/async/abortable.ts'
import type { AppendOptions, Bytes, Content, Upload, UploadReader } from '../../core/blobs/ports.ts'
import { type Algorithm, algorithmOf, type Digest } from '../../core/oci/digest.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { calls } from './calls.ts'
import { FileContent } from './file-content.ts'
import { FileReader } from './file-reader.ts'
import { FileWriter } from './file-writer.ts'
import { hashStored, type RunningHash } from './running-hash.ts'
import { storageError } from './storage-error.ts'

/** What an upload needs of its disk. */
export interface UploadPlace {
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
  readonly #place: UploadPlace
  readonly #path: string
  readonly #algorithm: Algorithm
  #size: number
  #made: Promise<void> | undefined
  /** Bytes that only the commit makes durable. */
  #last: Appending | undefined

  constructor(id: string, size: number, algorithm: Algorithm, place: UploadPlace) {
    this.id = id
    this.#size = size
    this.#algorithm = algorithm
    this.#place = place
    this.#path = place.uploadPath(id)
  }

  get size(): number {
    return this.#size
  }

  /** Begins to make the file, for which journaling file systems take a while. */
  makeFile(): void {
    this.#made = calls.open(this.#path, O_RDWR | O_CREAT, this.#place.fileMode).then(calls.closeNow, () => {})
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
      this.#letGo()
      throw new RegistryError('DIGEST_INVALID', undefined, {
        detail: { digest, reason: `content is ${actual}` },
      })
    }
    await this.#publish(digest, isNew).catch(rethrow)
    return new FileContent(this.#place.blobPath(digest), this.#size)
  }

  async open(): Promise<UploadReader> {
    await this.#made
    const file = calls.open(this.#path, O_RDONLY | O_CREAT, this.#place.fileMode)
    return new FileReader(await file.catch(rethrow))
  }

  async truncate(size: number): Promise<void> {
    if (size >= this.#size) return
    this.#letGo()
    this.#place.hashes.delete(this.id)
    const file = await this.#open().catch(rethrow)
    await calls
      .truncate(file, size)
      .finally(() => calls.closeNow(file))
      .catch(rethrow)
    this.#size = size
  }

  async cancel(): Promise<void> {
    await this.#made
    this.#place.hashes.delete(this.id)
    this.#letGo()
    await rm(this.#path, { force: true }).catch(rethrow)
  }

  async #begin(isLast: boolean, onProgress: AppendOptions['onProgress']): Promise<Appending> {
    this.#letGo()
    const file = await this.#open()
    const known = this.#takeHash(this.#algorithm)
    // The folder is synced while the bytes come in, not after them; a commit moves the file out of it anyway.
    const named = known || isLast ? Promise.resolve() : this.#place.syncUploads()
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
      else this.#place.hashes.set(this.id, running)
    } catch (error) {
      await this.#keepWhatIsSure(appending)
      throw storageError(error)
    } finally {
      if (!this.#last) calls.closeNow(writer.file)
    }
  }

  /**
   * Moves the file into place. For a new blob the sync of the bytes and of the name run side by side; where there is
   * one already, no other that is not durable takes its place.
   */
  async #publish(digest: Digest, isNew: boolean): Promise<void> {
    const last = this.#last
    try {
      if (!isNew) await last?.writer.sync()
      calls.renameNow(this.#path, this.#place.blobPath(digest))
      await Promise.all([isNew && last?.writer.sync(), this.#place.syncBlobs(algorithmOf(digest))])
    } catch (error) {
      if (last) await this.#keepWhatIsSure(last)
      throw error
    } finally {
      this.#letGo()
    }
  }

  /** Closes what was kept open for the commit. */
  #letGo(): void {
    if (this.#last) calls.closeNow(this.#last.writer.file)
    this.#last = undefined
  }

  /** Bytes are written in order, so whatever the file holds is a part of what was sent. */
  async #keepWhatIsSure({ writer, start, named }: Appending): Promise<void> {
    await writer.settle()
    this.#size = await sizeOf(writer.file, this.#size)
    if (writer.syncFailed) await this.#giveUp(writer.file, start)
    await named.catch(() => this.#giveUp(writer.file, 0))
  }

  /** The bytes from `start` on are not to be relied on; the client sends them again. */
  async #giveUp(file: number, start: number): Promise<void> {
    const remove = () => rm(this.#path, { force: true })
    await (start > 0 ? calls.truncate(file, start).catch(remove) : remove())
    this.#size = await sizeOf(file, start)
  }

  async #hash(algorithm: Algorithm): Promise<string> {
    const running = this.#takeHash(algorithm) ?? (await this.#hashAgain(algorithm))
    return running.hash.digest('hex')
  }

  /** Taken, not looked at: hashing on, or a digest, leaves it in a state that fits only this caller. */
  #takeHash(algorithm: Algorithm): RunningHash | undefined {
    const running = this.#last?.running ?? this.#place.hashes.get(this.id)
    this.#place.hashes.delete(this.id)
    return running?.algorithm === algorithm && running.size === this.#size ? running : undefined
  }

  async #hashAgain(algorithm: Algorithm): Promise<RunningHash> {
    const file = await this.#open()
    return this.#hashFile(file, algorithm).finally(() => calls.closeNow(file))
  }

  /** An upload without bytes has no file yet, or one that failed. */
  async #open(): Promise<number> {
    await this.#made
    const flags = this.#size === 0 ? O_RDWR | O_CREAT | O_TRUNC : O_RDWR
    return calls.open(this.#path, flags, this.#place.fileMode)
  }

  async #hashFile(file: number, algorithm: Algorithm): Promise<RunningHash> {
    const size = this.#size
    if (size > 0)
      await calls.datasync(file).catch((error) => this.#giveUp(file, 0).then(() => rethrow(error)))
    return { hash: await hashStored(file, size, algorithm), algorithm, size }
  }
}

interface Appending {
  readonly writer: FileWriter
  /** The size of the upload before. */
  readonly start: number
  readonly running: RunningHash
  /** The file's name is durable. */
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
