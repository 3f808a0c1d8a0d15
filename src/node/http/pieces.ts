/**
 * The memory that files pass through on their way out, used again and again: Node's own read streams, which allocate,
 * are four times slower. What several clients pull at once is read once for all that are close enough to each other.
 */
import type { FileHandle } from 'node:fs/promises'

/** Two of these are in use for each response. Smaller ones cost a handover more often, larger ones only memory. */
export const PIECE_SIZE = 2 * 1024 * 1024

/** Pieces that are remembered for readers who come behind. */
const MOST_REMEMBERED = 8

/** Kept for the next pull; more are allocated at need and then let go. */
const MOST_BLANK = 8

/** Bytes of a file, not to be changed, and gone once they are released. */
export interface Piece {
  readonly bytes: Uint8Array
  release(): void
}

interface Slot {
  readonly path: string
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

const blank: Buffer[] = []

/** How many read each file, by its path. */
const readers = new Map<string, number>()

/** One reader of a file that does not change while it is read, as blobs do not. Nothing of it is kept after the last. */
export class PieceReader implements Disposable {
  readonly #path: string
  readonly #file: FileHandle

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
    const most = Math.min(PIECE_SIZE, length)
    const key = `${this.#path}:${position}:${most}`
    const slot = found.get(key) ?? this.#read(key, position, most)
    remembered.delete(slot)
    slot.users++
    try {
      return { bytes: slot.memory.subarray(0, await slot.filled), release: () => this.#leave(slot) }
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

  #read(key: string, position: number, length: number): Slot {
    const memory = takeMemory()
    const filled = this.#file.read(memory, 0, length, position).then(lengthRead)
    const slot = { path: this.#path, memory, key, filled, users: 0 }
    found.set(key, slot)
    return slot
  }

  #leave(slot: Slot): void {
    if (--slot.users > 0) return
    if (slot.key !== undefined && this.#readers > 1) remember(slot)
    else recycle(slot)
  }
}

function lengthRead({ bytesRead }: { readonly bytesRead: number }): number {
  if (bytesRead === 0) throw new Error('the file of a blob is shorter than it was')
  return bytesRead
}

const takeMemory = (): Buffer => blank.pop() ?? Buffer.allocUnsafeSlow(PIECE_SIZE)

function remember(slot: Slot): void {
  remembered.add(slot)
  const [oldest] = remembered
  if (remembered.size > MOST_REMEMBERED) recycle(oldest!)
}

function recycle(slot: Slot): void {
  forget(slot)
  if (blank.length < MOST_BLANK) blank.push(slot.memory)
}

function forget(slot: Slot): void {
  if (slot.key !== undefined) found.delete(slot.key)
  slot.key = undefined
  remembered.delete(slot)
}
