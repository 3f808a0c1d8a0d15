/**
 * The memory that files pass through on their way out, used again and again: Node's own read streams, which allocate,
 * are four times slower. What several clients pull at once is read once for all that are close enough to each other.
 *
 * A client that stops reading keeps its pieces until it is cut. So large pieces are few, and go to those who read
 * quickly; a small one is there for everybody, so that nobody ever waits for somebody else's memory.
 */
import type { FileHandle } from 'node:fs/promises'
import { PieceMemory } from './piece-memory.ts'

/** Two pieces are in use for each response. Smaller ones cost a handover more often, larger ones only memory. */
export const PIECE_SIZE = 2 * 1024 * 1024

/** What readers get who are slow, or more than there are large pieces for: a quarter as fast, a thirtieth of the memory. */
export const SMALL_PIECE_SIZE = 64 * 1024

/**
 * Uses of large pieces at a time, as of two dozen quick clients. Shared ones count for each: the kernel copies all that
 * is written at once, and nobody else is answered meanwhile.
 */
const MAX_LARGE = 48

/** From so many on, they are for quick readers. */
const SCARCE = MAX_LARGE / 2

const large = new PieceMemory(PIECE_SIZE, 8)
const small = new PieceMemory(SMALL_PIECE_SIZE, 64)

let largeUses = 0

/** A reader is quick when it takes a large piece within so many milliseconds: those of less than 2 MiB/s are not. */
const QUICK = 1000

/** Large pieces that are remembered for readers who come behind. */
const MAX_REMEMBERED = 8

/** Bytes of a file, not to be changed, and gone once they are released. */
export interface Piece {
  readonly bytes: Uint8Array
  release(): void
}

interface Slot {
  readonly path: string
  readonly source: PieceMemory
  readonly memory: Buffer
  /** Where its bytes come from, while it can be found by that. */
  key: string | undefined
  /** How many bytes it holds. */
  readonly filled: Promise<number>
  users: number
}

const found = new Map<string, Slot>()

/** Those of {@link found} that nobody uses, the oldest first. */
const remembered = new Set<Slot>()

/** How many read each file, by its path. */
const readers = new Map<string, number>()

/** One reader of a file that does not change while it is read, as blobs do not. Nothing of it is kept after the last. */
export class PieceReader implements Disposable {
  readonly #path: string
  readonly #file: FileHandle
  #isQuick = false
  /** Bytes taken since then, in milliseconds as `performance.now()` counts. */
  #taken = 0
  #since = performance.now()

  constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
    readers.set(path, this.#readers + 1)
  }

  /**
   * From `position` on, as many of `length` bytes as a piece holds, or as can be read at once.
   *
   * @throws Error where there are none
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
      this.#isQuick = now - this.#since < QUICK
      this.#since = now
      this.#taken = 0
    }
    return largeUses < (this.#isQuick ? MAX_LARGE : SCARCE)
  }

  /** Pieces end where all readers' pieces end, so that they can be shared. */
  #slot(source: PieceMemory, position: number, length: number): Slot {
    const most = Math.min(source.size - (position % source.size), length)
    const key = `${this.#path}:${position}:${most}`
    return found.get(key) ?? this.#read(source, key, position, most)
  }

  #read(source: PieceMemory, key: string, position: number, length: number): Slot {
    const memory = source.take()
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
  if (bytesRead === 0) throw new Error('the file of a blob is shorter than it was')
  return bytesRead
}

function remember(slot: Slot): void {
  remembered.add(slot)
  const [oldest] = remembered
  if (remembered.size > MAX_REMEMBERED) recycle(oldest!)
}

function recycle(slot: Slot): void {
  forget(slot)
  slot.source.give(slot.memory)
}

function forget(slot: Slot): void {
  if (slot.key !== undefined) found.delete(slot.key)
  slot.key = undefined
  remembered.delete(slot)
}
