/**
 * What an upload has stored, and who reads it. Apart from the upload because reading outlives it: files are moved,
 * joined and forgotten under the hands of those who read them.
 */

import type { Content, UploadReader } from '../../core/blobs/ports.ts'
import type { Digest } from '../../core/oci/digest.ts'
import { storageFailed } from '../../core/oci/error.ts'
import type { BlobFiles } from './blob-files.ts'
import { copyFiles } from './copy-files.ts'
import { move } from './move.ts'
import type { PartWriter } from './part-writer.ts'
import { endOf, type Part, readPart } from './parts.ts'
import { rethrow } from './storage-error.ts'
import type { TemporaryFiles } from './temporary-files.ts'

/** Where the files are. */
export interface FilePlace {
  readonly blobs: BlobFiles
  readonly temporary: TemporaryFiles
  /** The folder of an upload, made where it is missing. */
  openFolder(id: string): Promise<FileSystemDirectoryHandle>
  /** Removes the folder with all that is in it. Idempotent. */
  removeFolder(id: string): Promise<void>
}

export class UploadFiles {
  /** The one who adds to the parts. */
  writer: PartWriter | undefined
  readonly #id: string
  readonly #place: FilePlace
  /** Also after the end of the upload, for those who read on. */
  #parts: Part[]
  #isOver = false
  #readers = 0
  /** Only there for those who read them. */
  #asides: FileSystemFileHandle[] = []
  #moved: Promise<unknown> = Promise.resolve()

  constructor(id: string, parts: Part[], place: FilePlace) {
    this.#id = id
    this.#parts = parts
    this.#place = place
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
        return this.#read(position, length).catch(rethrow)
      },
      close: async () => {
        if (!isOpen) return
        isOpen = false
        this.#readers--
        if (this.#readers === 0) await this.#discardAsides()
      },
    }
  }

  /** Makes a blob of the bytes, whose digest has been checked. */
  publish(digest: Digest, isNew: boolean): Promise<Content> {
    return this.#moving(async () => {
      const whole = await this.#join()
      const handle = await this.#place.blobs.publish(whole, digest, isNew)
      // A part that is not needed goes with its folder.
      if (handle !== whole && this.#parts.length !== 1) await this.#place.temporary.discard(whole)
      this.#parts = [{ start: 0, size: endOf(this.#parts), handle }]
      this.#isOver = true
      await this.#place.removeFolder(this.#id)
      return this.#place.blobs.contentOf(digest, handle)
    })
  }

  /** Keeps the first `size` bytes. */
  shorten(size: number): Promise<void> {
    return this.#moving(async () => {
      while (endOf(this.#parts) > size) await this.#shortenLast(size)
      if (size === 0) await this.#place.removeFolder(this.#id)
    })
  }

  /** Readers go on with what there was: for them the files are only set aside. */
  remove(): Promise<void> {
    return this.#moving(async () => {
      if (!this.#isOver && this.#readers > 0) await this.#setAside()
      await this.#place.removeFolder(this.#id)
    })
  }

  async #read(position: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    for (let attempt = 0; ; ) {
      const recent = this.writer?.recent(position, length)
      if (recent) return recent
      const part = this.#parts.findLast(({ start }) => start <= position)
      if (part && position < part.start + part.size) {
        const bytes = await readPart(part, position, length).catch((error) => {
          if (attempt++ > 0) throw error
        })
        if (bytes) return bytes
        await this.#moved
      } else {
        if (!this.writer || position >= this.writer.end)
          throw storageFailed('the upload is shorter than it was')
        await this.writer.closePart(position)
      }
    }
  }

  /** The only part as it is; several are copied by the browser, nothing of them passes through here. */
  async #join(): Promise<FileSystemFileHandle> {
    const [first, ...others] = this.#parts
    if (first && others.length === 0) return first.handle
    const files = await Promise.all(this.#parts.map(({ handle }) => handle.getFile()))
    return copyFiles(files, this.#place.temporary)
  }

  async #shortenLast(size: number): Promise<void> {
    const folder = await this.#place.openFolder(this.#id)
    const { start, handle } = this.#parts.at(-1)!
    if (start >= size) {
      await folder.removeEntry(handle.name)
      this.#parts.pop()
    } else {
      const kept = (await handle.getFile()).slice(0, size - start)
      const shorter = await copyFiles([kept], this.#place.temporary)
      await move(shorter, folder, String(start))
      this.#parts.splice(-1, 1, { start, size: size - start, handle: shorter })
    }
  }

  async #setAside(): Promise<void> {
    this.#isOver = true
    for (const { handle } of this.#parts) {
      await this.#place.temporary.setAside(handle)
      this.#asides.push(handle)
    }
  }

  async #discardAsides(): Promise<void> {
    for (const file of this.#asides.splice(0)) await this.#place.temporary.discard(file)
  }

  /** Who fails to read because of `work` waits for its end and tries again. */
  #moving<T>(work: () => Promise<T>): Promise<T> {
    const result = work().catch(rethrow)
    this.#moved = result.catch(() => {})
    return result
  }
}
