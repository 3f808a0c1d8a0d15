/**
 * The files of an upload and their readers. Separate from the upload because readers can outlive it: files are moved,
 * joined and removed while they are being read.
 */

import type { Content, UploadReader } from '../../core/blobs/ports.ts'
import type { Digest } from '../../core/oci/digest.ts'
import { storageFailed } from '../../core/oci/error.ts'
import type { BlobFiles } from './blob-files.ts'
import type { PartWriter } from './part-writer.ts'
import { endOf, type Part, readPart } from './parts.ts'
import { throwStorageError } from './storage-error.ts'
import { concatenate, moveFile, type TemporaryFiles } from './temporary-files.ts'

export interface UploadFilesDeps {
  readonly blobs: BlobFiles
  readonly temporary: TemporaryFiles
  /** Opens the folder of an upload; creates it if it is missing. */
  openFolder(id: string): Promise<FileSystemDirectoryHandle>
  /** Removes the folder with its contents. Idempotent. */
  removeFolder(id: string): Promise<void>
}

export class UploadFiles {
  /** Adds to the parts during an append. */
  writer: PartWriter | undefined
  readonly #id: string
  readonly #deps: UploadFilesDeps
  /** Kept after the end of the upload, for its remaining readers. */
  #parts: Part[]
  #isOver = false
  #readers = 0
  /** Files that exist only for readers that are still open. */
  #detached: FileSystemFileHandle[] = []
  /** Resolves when the last move of files has ended; never rejects. */
  #moved: Promise<unknown> = Promise.resolve()

  constructor(id: string, parts: Part[], deps: UploadFilesDeps) {
    this.#id = id
    this.#parts = parts
    this.#deps = deps
  }

  get parts(): Part[] {
    return this.#parts
  }

  open(): UploadReader {
    let isOpen = true
    this.#readers++
    return {
      read: async (position, length) => {
        if (!isOpen) throw storageFailed('the reader is closed')
        return this.#read(position, length).catch(throwStorageError)
      },
      close: async () => {
        if (!isOpen) return
        isOpen = false
        this.#readers--
        if (this.#readers === 0) await this.#discardDetached()
      },
    }
  }

  /** Turns the bytes, whose digest has been checked, into a blob. */
  publish(digest: Digest, isNew: boolean): Promise<Content> {
    return this.#moving(async () => {
      const joined = await this.#join()
      const handle = await this.#deps.blobs.publish(joined, digest, isNew)
      // A single part that is not needed is removed with its folder.
      if (handle !== joined && this.#parts.length !== 1) await this.#deps.temporary.discard(joined)
      this.#parts = [{ start: 0, size: endOf(this.#parts), handle }]
      this.#isOver = true
      await this.#deps.removeFolder(this.#id)
      return this.#deps.blobs.contentOf(digest, handle)
    })
  }

  /** Keeps the first `size` bytes. */
  shorten(size: number): Promise<void> {
    return this.#moving(async () => {
      while (endOf(this.#parts) > size) await this.#shortenLast(size)
      if (size === 0) await this.#deps.removeFolder(this.#id)
    })
  }

  /** Detaches the files rather than removing them if there are readers, which keep reading them. */
  remove(): Promise<void> {
    return this.#moving(async () => {
      if (!this.#isOver && this.#readers > 0) await this.#detach()
      await this.#deps.removeFolder(this.#id)
    })
  }

  async #read(position: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    for (let attempt = 0; ; ) {
      const recent = this.writer?.readBuffered(position, length)
      if (recent) return recent
      const part = this.#parts.findLast(({ start }) => start <= position)
      if (part && position < part.start + part.size) {
        const bytes = await readPart(part, position, length).catch((error) => {
          if (attempt++ > 0) throw error
        })
        if (bytes) return bytes
        await this.#moved
      } else {
        if (!this.writer || position >= this.writer.end) throw storageFailed('the upload has been truncated')
        await this.writer.closePart(position)
      }
    }
  }

  /** Returns a single part as it is. Several are copied into one file. */
  async #join(): Promise<FileSystemFileHandle> {
    const [first, ...others] = this.#parts
    if (first && others.length === 0) return first.handle
    const files = await Promise.all(this.#parts.map(({ handle }) => handle.getFile()))
    return concatenate(files, this.#deps.temporary)
  }

  async #shortenLast(size: number): Promise<void> {
    const folder = await this.#deps.openFolder(this.#id)
    const { start, handle } = this.#parts.at(-1)!
    if (start >= size) {
      await folder.removeEntry(handle.name)
      this.#parts.pop()
    } else {
      const kept = (await handle.getFile()).slice(0, size - start)
      const shorter = await concatenate([kept], this.#deps.temporary)
      await moveFile(shorter, folder, String(start))
      this.#parts.splice(-1, 1, { start, size: size - start, handle: shorter })
    }
  }

  async #detach(): Promise<void> {
    this.#isOver = true
    for (const { handle } of this.#parts) {
      await this.#deps.temporary.detach(handle)
      this.#detached.push(handle)
    }
  }

  async #discardDetached(): Promise<void> {
    for (const file of this.#detached.splice(0)) await this.#deps.temporary.discard(file)
  }

  /** A reader that fails because of `work` waits for its end and tries again. */
  #moving<T>(work: () => Promise<T>): Promise<T> {
    const result = work().catch(throwStorageError)
    this.#moved = result.catch(() => {})
    return result
  }
}
