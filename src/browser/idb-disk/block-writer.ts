/**
 * Writes the bytes of one append while they arrive, and hashes them on the way: the hot path of every push and every
 * download. A block is filled while the one before it is written, and both can be read meanwhile.
 */
import type { IHasher } from 'hash-wasm'
import type { Algorithm } from '../../core/oci/digest.ts'
import { writableBytes } from '../disk/writable-bytes.ts'
import type { DiskDatabase, UploadRow } from './database.ts'

/** In bytes: what a reader gets at once, and what is lost where the worker is stopped. */
const BLOCK_SIZE = 1024 * 1024

interface Block {
  readonly start: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface BlockWriterParts {
  readonly database: DiskDatabase
  readonly id: string
  /** What there is so far. */
  readonly row: UploadRow
  /** Of the bytes that there are. */
  readonly hash: IHasher
  readonly algorithm: Algorithm
}

export class BlockWriter {
  readonly #parts: BlockWriterParts
  #row: UploadRow
  #end: number
  #filling: Block | undefined
  #written: Block | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(parts: BlockWriterParts) {
    this.#parts = parts
    this.#row = parts.row
    this.#end = parts.row.size
  }

  /** What is durable. */
  get row(): UploadRow {
    return this.#row
  }

  /** The size of the upload with what is not durable yet; all of it can be read. */
  get end(): number {
    return this.#end
  }

  async add(chunk: Uint8Array): Promise<void> {
    for (let start = 0; start < chunk.length; ) {
      const room = this.#room()
      const piece = chunk.subarray(start, start + room.length)
      room.set(piece)
      this.#parts.hash.update(piece)
      this.#end += piece.length
      start += piece.length
      if (piece.length === room.length) await this.#writeBlock()
    }
  }

  /** As many of `length` bytes from `position` on as are in memory; `undefined` where none are. */
  recent(position: number, length: number): Uint8Array<ArrayBuffer> | undefined {
    for (const block of [this.#filling, this.#written]) {
      const offset = position - (block?.start ?? Infinity)
      const size = Math.min(block?.bytes.length ?? 0, this.#end - (block?.start ?? 0))
      if (offset >= 0 && offset < size) return block!.bytes.slice(offset, Math.min(size, offset + length))
    }
    return undefined
  }

  /** Makes durable what has come. */
  async finish(): Promise<void> {
    if (this.#filling) await this.#writeBlock()
    await this.#writing
  }

  /** What is free of the block that is being filled. */
  #room(): Uint8Array {
    this.#filling ??= { start: this.#end, bytes: new Uint8Array(BLOCK_SIZE) }
    return this.#filling.bytes.subarray(this.#end - this.#filling.start)
  }

  /** One at a time: one that follows a failed one would leave a gap. */
  async #writeBlock(): Promise<void> {
    await this.#writing
    const block = this.#filling!
    this.#filling = undefined
    this.#written = block
    this.#writing = this.#write(block)
    this.#writing.catch(() => {}) // told of by the next, or the last
  }

  async #write({ start, bytes }: Block): Promise<void> {
    const { database, id, hash, algorithm, row } = this.#parts
    const kept = { ...row, size: this.#end, hash: { algorithm, state: hash.save() } }
    await database.write(['chunks', 'uploads'], async (transaction) => {
      const chunk = writableBytes(bytes.subarray(0, kept.size - start))
      const chunks = transaction.objectStore('chunks')
      await Promise.all([
        chunks.put(chunk, [row.file, start]),
        transaction.objectStore('uploads').put(kept, id),
      ])
    })
    this.#row = kept
  }
}
