/**
 * Writes the bytes of one append while they arrive, and hashes them on the way. Apart because it is the hot path of
 * every push and every download: it alone decides about buffers, back-pressure and when a part ends.
 *
 * What is being written cannot be read back before its file is closed. So the last few buffers stay in memory for
 * readers who follow closely, and the writer waits a little for them; for one who falls behind, the part is closed and
 * another begun.
 */

import type { IHasher } from 'hash-wasm'
import { createSerial } from '../../core/async/serial.ts'
import { storageFailed } from '../../core/oci/error.ts'
import { abandonPart, closePart, endOf, type OpenPart, openPart, type Part } from './parts.ts'
import { createFollowers } from './tail-readers.ts'
import { writableBytes } from './writable-bytes.ts'

/** Measured: smaller writes are slower, larger ones gain nothing. */
const BLOCK_SIZE = 1024 * 1024
/** One is filled while the others are written, or wait to be read. */
const BLOCKS = 4

export interface PartWriterParts {
  /** Makes the folder where it is missing. */
  readonly openFolder: () => Promise<FileSystemDirectoryHandle>
  /** Those of earlier appends; grows by those that are closed. */
  readonly parts: Part[]
  /** Of the bytes in `parts`. */
  readonly hash: IHasher
  /** Milliseconds after which a part ends. */
  readonly partTime: number
}

export class PartWriter {
  readonly #openFolder: () => Promise<FileSystemDirectoryHandle>
  readonly #parts: Part[]
  readonly #hash: IHasher
  readonly #partTime: number
  /** Where the blocks begin. */
  readonly #origin: number
  /** A ring. */
  readonly #blocks: Uint8Array<ArrayBuffer>[] = []
  /** For each block, the write that needs it last. */
  readonly #writes: Promise<void>[] = []
  readonly #followers = createFollowers()
  #part: OpenPart | undefined
  #partEnds = 0
  #end: number
  /** The first byte that the ring has. */
  #oldest: number
  #written: number
  /** Chunks of the source and readers that ask for a part to end must not write at once. */
  readonly #serial = createSerial()

  constructor({ openFolder, parts, hash, partTime }: PartWriterParts) {
    this.#openFolder = openFolder
    this.#parts = parts
    this.#hash = hash
    this.#partTime = partTime
    this.#origin = endOf(parts)
    this.#end = this.#origin
    this.#oldest = this.#origin
    this.#written = this.#origin
  }

  /** The size of the upload with what is not durable yet; all of it can be read. */
  get end(): number {
    return this.#end
  }

  async add(chunk: Uint8Array): Promise<void> {
    for (let start = 0; start < chunk.length; ) {
      const room = await this.#room()
      const piece = chunk.subarray(start, start + room.length)
      room.set(piece)
      this.#end += piece.length
      start += piece.length
      const writing = piece.length === room.length ? this.#serial(() => this.#writeBlock()) : undefined
      this.#hash.update(piece)
      await writing
    }
  }

  /** As many of `length` bytes from `position` on as are at hand; `undefined` where none are. */
  recent(position: number, length: number): Uint8Array<ArrayBuffer> | undefined {
    if (position < this.#oldest || position >= this.#end) return undefined
    const offset = position - this.#origin
    const slot = Math.floor(offset / BLOCK_SIZE) % BLOCKS
    const start = offset % BLOCK_SIZE
    const available = Math.min(BLOCK_SIZE - start, this.#end - position, length)
    this.#followers.move(position, position + available)
    return this.#blocks[slot]!.slice(start, start + available)
  }

  /** Makes all that has come so far durable, unless the byte at `position` is so already. */
  closePart(position = Infinity): Promise<void> {
    return this.#serial(async () => {
      if (position < endOf(this.#parts)) return
      await this.#writeBlock()
      await this.#closePart()
    })
  }

  /** Gives up what is not durable. */
  abandon(): Promise<void> {
    return this.#serial(async () => {
      const part = this.#part
      this.#part = undefined
      if (part) await abandonPart(await this.#openFolder(), part)
    })
  }

  /** What is free of the block that is being filled. */
  async #room(): Promise<Uint8Array> {
    const offset = this.#end - this.#origin
    const slot = Math.floor(offset / BLOCK_SIZE) % BLOCKS
    const start = offset % BLOCK_SIZE
    if (start === 0) await this.#leave(slot)
    this.#blocks[slot] ??= new Uint8Array(BLOCK_SIZE)
    return this.#blocks[slot].subarray(start)
  }

  /** Nobody needs any more what is in the slot of the block that is to begin. */
  async #leave(slot: number): Promise<void> {
    const oldest = Math.max(this.#origin, this.#end - (BLOCKS - 1) * BLOCK_SIZE)
    await this.#writes[slot]
    await this.#followers.pass(oldest)
    this.#oldest = oldest
  }

  /** Begins to write what has gathered, which lies within one block. */
  async #writeBlock(): Promise<void> {
    if (this.#written === this.#end) return
    if (this.#part && performance.now() > this.#partEnds) await this.#closePart()
    this.#part ??= await this.#open()
    const offset = this.#written - this.#origin
    const slot = Math.floor(offset / BLOCK_SIZE) % BLOCKS
    const start = offset % BLOCK_SIZE
    const bytes = this.#blocks[slot]!.subarray(start, start + this.#end - this.#written)
    this.#written = this.#end
    this.#writes[slot] = this.#part.writable.write(writableBytes(bytes))
    this.#writes[slot].catch(() => {})
  }

  async #open(): Promise<OpenPart> {
    this.#partEnds = performance.now() + this.#partTime
    return openPart(await this.#openFolder(), this.#written)
  }

  async #closePart(): Promise<void> {
    if (!this.#part) return
    await Promise.all(this.#writes)
    const part = await closePart(this.#part)
    if (part.start + part.size !== this.#written) throw storageFailed('a part has another size')
    this.#part = undefined
    this.#parts.push(part)
  }
}
