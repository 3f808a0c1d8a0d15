/**
 * Writes and hashes the bytes of one append while they arrive: the hot path of every push and every download. One block
 * is filled while the one before it is written, and readers can read both meanwhile.
 */
import type { IHasher } from 'hash-wasm'
import type { Algorithm } from '../../core/oci/digest.ts'
import { writableBytes } from '../disk/parts.ts'
import type { DiskDatabase, UploadRow } from './database.ts'

/** What a reader gets at once, and the most that is lost if the worker is stopped. */
const BLOCK_BYTES = 1024 * 1024

interface Block {
  readonly start: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface BlockWriterDeps {
  readonly database: DiskDatabase
  readonly id: string
  /** What is stored of the upload. */
  readonly row: UploadRow
  /** The hash of the stored bytes. */
  readonly hash: IHasher
  readonly algorithm: Algorithm
}

export class BlockWriter {
  readonly #deps: BlockWriterDeps
  #row: UploadRow
  #end: number
  #filling: Block | undefined
  #written: Block | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(deps: BlockWriterDeps) {
    this.#deps = deps
    this.#row = deps.row
    this.#end = deps.row.size
  }

  /** What is durable of the upload. */
  get row(): UploadRow {
    return this.#row
  }

  /** The size of the upload including bytes that are not durable yet. All of them can be read. */
  get end(): number {
    return this.#end
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let start = 0; start < chunk.length; ) {
      const free = this.#freeSpace()
      const piece = chunk.subarray(start, start + free.length)
      free.set(piece)
      this.#deps.hash.update(piece)
      this.#end += piece.length
      start += piece.length
      if (piece.length === free.length) await this.#writeBlock()
    }
  }

  /** Returns up to `length` bytes from `position` on that are in memory; `undefined` if none are. */
  readBuffered(position: number, length: number): Uint8Array<ArrayBuffer> | undefined {
    for (const block of [this.#filling, this.#written]) {
      const offset = position - (block?.start ?? Infinity)
      const size = Math.min(block?.bytes.length ?? 0, this.#end - (block?.start ?? 0))
      if (offset >= 0 && offset < size) return block!.bytes.slice(offset, Math.min(size, offset + length))
    }
    return undefined
  }

  /** Makes all bytes so far durable. */
  async finish(): Promise<void> {
    if (this.#filling) await this.#writeBlock()
    await this.#writing
  }

  /** Returns the free rest of the block that is being filled. */
  #freeSpace(): Uint8Array {
    this.#filling ??= { start: this.#end, bytes: new Uint8Array(BLOCK_BYTES) }
    return this.#filling.bytes.subarray(this.#end - this.#filling.start)
  }

  /** Writes one block at a time, because a block after a failed one would leave a gap. */
  async #writeBlock(): Promise<void> {
    await this.#writing
    const block = this.#filling!
    this.#filling = undefined
    this.#written = block
    this.#writing = this.#write(block)
    this.#writing.catch(() => {}) // the next write or `finish()` reports it
  }

  async #write({ start, bytes }: Block): Promise<void> {
    const { database, id, hash, algorithm, row } = this.#deps
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
