/**
 * Reads files for responses into reused buffers; Node's own read streams, which allocate, are four times slower. What several
 * clients pull at the same time is read once for all that are close enough to each other.
 *
 * A client that stops reading keeps its pieces until it is cut. So there are few large pieces, for fast readers, and always
 * a small one, so that no client waits for the memory of another.
 */
import type { FileHandle } from 'node:fs/promises'
import { BufferPool } from './buffer-pool.ts'

/** Two pieces are in use for each response. Smaller ones cost more writes, larger ones only memory. */
export const PIECE_SIZE = 2 * 1024 * 1024

/** For slow readers, and when large pieces run out: a quarter as fast, with a thirtieth of the memory. */
export const SMALL_PIECE_SIZE = 64 * 1024

/**
 * Uses of large pieces at a time, as by two dozen fast clients. Shared pieces count once for each user, because the kernel
 * copies what is written for each, and nobody else is served meanwhile.
 */
const MAX_LARGE = 48

/** From this number of uses on, only fast readers get them. */
const SCARCE = MAX_LARGE / 2

const large = new BufferPool(PIECE_SIZE, 8)
const small = new BufferPool(SMALL_PIECE_SIZE, 64)

let largeUses = 0

/** A reader is fast if it takes a large piece within this time, which is 2 MiB/s. */
const FAST_PIECE_MS = 1000

/** Large pieces that are kept for readers that follow. */
const MAX_REMEMBERED = 8

/** Bytes of a file. They must not be changed, nor used after `release`. */
export interface Piece {
  readonly bytes: Uint8Array
  release(): void
}

interface Slot {
  readonly path: string
  readonly source: BufferPool
  readonly memory: Buffer
  /** File, position and length, while the slot can be found by that. */
  key: string | undefined
  /** Resolves with the number of bytes in it. */
  readonly filled: Promise<number>
  users: number
}

const found = new Map<string, Slot>()

/** Slots in {@link found} that nobody uses, oldest first. */
const remembered = new Set<Slot>()

/** The number of readers of each file, by path. */
const readers = new Map<string, number>()

/** A reader of a file that does not change, as blobs. After its last reader nothing of a file is kept. */
export class PieceReader implements Disposable {
  readonly #path: string
  readonly #file: FileHandle
  #isFast = false
  /** Bytes taken since {@link PieceReader.#since}, a value of `performance.now()`. */
  #taken = 0
  #since = performance.now()

  constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
    readers.set(path, this.#readers + 1)
  }

  /**
   * Up to `length` bytes from `position` on: as many as a piece holds, or as one read returns.
   *
   * @throws Error if there are none
   */
  async take(position: number, length: number): Promise<Piece> {
    const slot = this.#slot(this.#mayTakeLarge() ? large : small, position, length)
    remembered.delete(slot)
    slot.users++
    if (slot.source === large) largeUses++
    try {
      const bytes = slot.memory.subarray(0, await slot.filled)
      this.#taken += bytes.length
      return { bytes, release: () => this.#leave(slot) }
    } catch (error) {
      forget(slot)
      this.#leave(slot)
      throw error
    }
  }

  [Symbol.dispose](): void {
    const others = this.#readers - 1
    if (others > 0) return void readers.set(this.#path, others)
    readers.delete(this.#path)
    for (const slot of [...remembered]) if (slot.path === this.#path) recycle(slot)
  }

  get #readers(): number {
    return readers.get(this.#path) ?? 0
  }

  #mayTakeLarge(): boolean {
    if (this.#taken >= PIECE_SIZE) {
      const now = performance.now()
      this.#isFast = now - this.#since < FAST_PIECE_MS
      this.#since = now
      this.#taken = 0
    }
    return largeUses < (this.#isFast ? MAX_LARGE : SCARCE)
  }

  /** Pieces end where all readers' pieces end, so that they can be shared. */
  #slot(source: BufferPool, position: number, length: number): Slot {
    const most = Math.min(source.size - (position % source.size), length)
    const key = `${this.#path}:${position}:${most}`
    return found.get(key) ?? this.#read(source, key, position, most)
  }

  #read(source: BufferPool, key: string, position: number, length: number): Slot {
    const memory = source.acquire()
    const filled = this.#file.read(memory, 0, length, position).then(lengthRead)
    const slot = { path: this.#path, source, memory, key, filled, users: 0 }
    found.set(key, slot)
    return slot
  }

  #leave(slot: Slot): void {
    if (slot.source === large) largeUses--
    if (--slot.users > 0) return
    if (slot.key !== undefined && slot.source === large && this.#readers > 1) remember(slot)
    else recycle(slot)
  }
}

function lengthRead({ bytesRead }: { readonly bytesRead: number }): number {
  if (bytesRead === 0) throw new Error('the file of a blob is shorter than its recorded size')
  return bytesRead
}

function remember(slot: Slot): void {
  remembered.add(slot)
  const [oldest] = remembered
  if (remembered.size > MAX_REMEMBERED) recycle(oldest!)
}

function recycle(slot: Slot): void {
  forget(slot)
  slot.source.release(slot.memory)
}

function forget(slot: Slot): void {
  if (slot.key !== undefined) found.delete(slot.key)
  slot.key = undefined
  remembered.delete(slot)
}
