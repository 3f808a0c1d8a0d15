/**
 * Writes and hashes the bytes of one append while they arrive: the hot path of every push and every download. It decides
 * about buffers, back-pressure and when a part ends.
 *
 * Bytes can't be read back before their file is closed. So the last few blocks stay in memory for readers that follow
 * closely, and the writer waits a little for them. If a reader falls behind, the part is closed and another one begun.
 */

import type { IHasher } from 'hash-wasm'
import { createSerial } from '../../core/async/mutex.ts'
import { storageFailed } from '../../core/oci/error.ts'
import { abandonPart, closePart, endOf, type OpenPart, openPart, type Part, writableBytes } from './parts.ts'
import { createTailReaders } from './tail-readers.ts'

/** Measured: smaller writes are slower, and larger ones are no faster. */
const BLOCK_BYTES = 1024 * 1024

/** One block is filled while the others are written, or wait for readers. */
const BLOCKS = 4

export interface PartWriterDeps {
  /** Opens the upload's folder; creates it if it is missing. */
  readonly openFolder: () => Promise<FileSystemDirectoryHandle>
  /** The parts of earlier appends. Closed parts are added to it. */
  readonly parts: Part[]
  /** The hash of the bytes in `parts`. */
  readonly hash: IHasher
  /** A part ends after so many milliseconds. */
  readonly partTime: number
}

export class PartWriter {
  readonly #openFolder: () => Promise<FileSystemDirectoryHandle>
  readonly #parts: Part[]
  readonly #hash: IHasher
  readonly #partTime: number
  /** The position in the upload of the first block. */
  readonly #base: number
  /** A ring: block `n` of the append is in slot `n % BLOCKS`. */
  readonly #blocks: Uint8Array<ArrayBuffer>[] = []
  /** The last write from each slot. */
  readonly #writes: Promise<void>[] = []
  readonly #readers = createTailReaders()
  #part: OpenPart | undefined
  #partDeadline = 0
  #end: number
  /** The position of the first byte in the ring. */
  #oldest: number
  /** Up to here, writes to the part have begun. */
  #written: number
  /** Chunks of the source and readers that end a part must not write at the same time. */
  readonly #serial = createSerial()

  constructor({ openFolder, parts, hash, partTime }: PartWriterDeps) {
    this.#openFolder = openFolder
    this.#parts = parts
    this.#hash = hash
    this.#partTime = partTime
    this.#base = endOf(parts)
    this.#end = this.#base
    this.#oldest = this.#base
    this.#written = this.#base
  }

  /** The size of the upload including bytes that are not durable yet. All of them can be read. */
  get end(): number {
    return this.#end
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let start = 0; start < chunk.length; ) {
      const free = await this.#freeSpace()
      const piece = chunk.subarray(start, start + free.length)
      free.set(piece)
      this.#end += piece.length
      start += piece.length
      const writing = piece.length === free.length ? this.#serial(() => this.#writeBlock()) : undefined
      this.#hash.update(piece)
      await writing
    }
  }

  /** Returns up to `length` bytes from `position` on that are in memory; `undefined` if none are. */
  readBuffered(position: number, length: number): Uint8Array<ArrayBuffer> | undefined {
    if (position < this.#oldest || position >= this.#end) return undefined
    const offset = position - this.#base
    const slot = Math.floor(offset / BLOCK_BYTES) % BLOCKS
    const start = offset % BLOCK_BYTES
    const available = Math.min(BLOCK_BYTES - start, this.#end - position, length)
    this.#readers.advance(position, position + available)
    return this.#blocks[slot]!.slice(start, start + available)
  }

  /** Makes all bytes so far durable, unless the byte at `position` already is. */
  closePart(position = Infinity): Promise<void> {
    return this.#serial(async () => {
      if (position < endOf(this.#parts)) return
      await this.#writeBlock()
      await this.#closePart()
    })
  }

  /** Discards what is not durable. */
  abandon(): Promise<void> {
    return this.#serial(async () => {
      const part = this.#part
      this.#part = undefined
      if (part) await abandonPart(await this.#openFolder(), part)
    })
  }

  /** Returns the free rest of the block that is being filled. */
  async #freeSpace(): Promise<Uint8Array> {
    const offset = this.#end - this.#base
    const slot = Math.floor(offset / BLOCK_BYTES) % BLOCKS
    const start = offset % BLOCK_BYTES
    if (start === 0) await this.#waitUntilReusable(slot)
    this.#blocks[slot] ??= new Uint8Array(BLOCK_BYTES)
    return this.#blocks[slot].subarray(start)
  }

  /** Waits until the ring slot may be overwritten. */
  async #waitUntilReusable(slot: number): Promise<void> {
    const oldest = Math.max(this.#base, this.#end - (BLOCKS - 1) * BLOCK_BYTES)
    await this.#writes[slot]
    await this.#readers.waitUntilPast(oldest)
    this.#oldest = oldest
  }

  /** Begins to write the bytes that were added since the last write; they lie within one block. */
  async #writeBlock(): Promise<void> {
    if (this.#written === this.#end) return
    if (this.#part && performance.now() > this.#partDeadline) await this.#closePart()
    this.#part ??= await this.#open()
    const offset = this.#written - this.#base
    const slot = Math.floor(offset / BLOCK_BYTES) % BLOCKS
    const start = offset % BLOCK_BYTES
    const bytes = this.#blocks[slot]!.subarray(start, start + this.#end - this.#written)
    this.#written = this.#end
    this.#writes[slot] = this.#part.writable.write(writableBytes(bytes))
    this.#writes[slot].catch(() => {})
  }

  async #open(): Promise<OpenPart> {
    this.#partDeadline = performance.now() + this.#partTime
    return openPart(await this.#openFolder(), this.#written)
  }

  async #closePart(): Promise<void> {
    if (!this.#part) return
    await Promise.all(this.#writes)
    const part = await closePart(this.#part)
    if (part.start + part.size !== this.#written)
      throw storageFailed('a part does not have the size that was written to it')
    this.#part = undefined
    this.#parts.push(part)
  }
}
