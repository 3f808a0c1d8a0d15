/**
 * The leaves of a blob that are being fetched or wait to be written. They leave in order, and only so many are in memory or
 * on their way at once, so memory grows neither with the blob nor with a slow disk.
 */

/** A run of leaves; `end` isn't part of it. */
export interface Span {
  readonly first: number
  readonly end: number
}

/** Leaves in the window, counted from the first that hasn't left it. */
export const WINDOW_LEAVES = 16

/** Leaves in one fetch. */
export const MAX_SPAN_LEAVES = 4

export class LeafWindow {
  readonly #count: number
  readonly #arrived = new Map<number, Uint8Array>()
  /** How many fetches each leaf is part of. */
  readonly #fetches = new Map<number, number>()
  #next: number

  /** For the leaves from `first` up to `count`, which isn't included. */
  constructor(first: number, count: number) {
    this.#next = first
    this.#count = count
  }

  /** The first leaf that hasn't arrived. */
  get frontier(): number {
    let leaf = this.#next
    while (this.#arrived.has(leaf)) leaf++
    return leaf
  }

  get isDone(): boolean {
    return this.#next === this.#count
  }

  /** The next leaves that no fetch asks for, at most `maxLeaves` and all of them below `limit`. */
  take(maxLeaves: number, limit = this.#count): Span | undefined {
    let first = this.#next
    while (first < this.#next + WINDOW_LEAVES && !this.#isFree(first)) first++
    let end = first
    while (end < Math.min(first + maxLeaves, limit) && this.#isFree(end)) end++
    if (first === end) return undefined
    const span = { first, end }
    this.takeAgain(span)
    return span
  }

  /** For one more fetch of leaves that are being fetched already. */
  takeAgain(span: Span): void {
    this.#changeFetches(span, 1)
  }

  /** A fetch of these leaves has ended. */
  release(span: Span): void {
    this.#changeFetches(span, -1)
  }

  /** Takes the bytes over. `false` if the leaf has arrived before. */
  put(leaf: number, bytes: Uint8Array): boolean {
    if (leaf < this.#next || this.#arrived.has(leaf)) return false
    this.#arrived.set(leaf, bytes)
    return true
  }

  /** Removes the next leaf in order, if it has arrived. */
  shift(): Uint8Array | undefined {
    const bytes = this.#arrived.get(this.#next)
    if (!bytes) return undefined
    this.#arrived.delete(this.#next)
    this.#fetches.delete(this.#next++)
    return bytes
  }

  #isFree(leaf: number): boolean {
    const isInWindow = leaf < Math.min(this.#count, this.#next + WINDOW_LEAVES)
    return isInWindow && !this.#arrived.has(leaf) && !this.#fetches.get(leaf)
  }

  #changeFetches({ first, end }: Span, change: number): void {
    for (let leaf = Math.max(first, this.#next); leaf < end; leaf++)
      this.#fetches.set(leaf, (this.#fetches.get(leaf) ?? 0) + change)
  }
}
