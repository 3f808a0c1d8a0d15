/**
 * The leaves of a blob that are being fetched: who fetches which, and which have come. They leave in order; only so
 * many are here or on their way at once, so memory grows neither with the blob nor with a slow disk.
 */

/** A run of leaves, `end` not included. */
export interface Span {
  readonly first: number
  readonly end: number
}

/** Leaves at once, from the first that has not left yet. */
export const WINDOW = 16

/** Leaves asked for in one go. */
export const SPAN = 4

export interface LeafWindow {
  /** The first leaf that has not come, of those that have not left. */
  readonly frontier: number
  readonly isDone: boolean
  /** The next leaves that nobody fetches, at most `most` and below `limit`. */
  take(most: number, limit?: number): Span | undefined
  /** Leaves from the frontier on that are being fetched, for one more to fetch. */
  takeAgain(span: Span): void
  /** They are not being fetched by the caller any more. */
  release(span: Span): void
  /** Takes a leaf over. `false` where it has come already. */
  put(leaf: number, bytes: Uint8Array): boolean
  /** Removes the next leaf in order, if it has come. */
  shift(): Uint8Array | undefined
}

/** For the leaves from `first` up to `count`, not included. */
export function createLeafWindow(first: number, count: number): LeafWindow {
  const here = new Map<number, Uint8Array>()
  /** How many fetch a leaf. */
  const takers = new Map<number, number>()
  let next = first

  const isFree = (leaf: number) =>
    leaf < Math.min(count, next + WINDOW) && !here.has(leaf) && !takers.get(leaf)

  function change({ first, end }: Span, by: number): void {
    for (let leaf = Math.max(first, next); leaf < end; leaf++) takers.set(leaf, (takers.get(leaf) ?? 0) + by)
  }

  return {
    get frontier() {
      let leaf = next
      while (here.has(leaf)) leaf++
      return leaf
    },
    get isDone() {
      return next === count
    },
    take(most, limit = count) {
      let first = next
      while (first < next + WINDOW && !isFree(first)) first++
      let end = first
      while (end < Math.min(first + most, limit) && isFree(end)) end++
      if (first === end) return undefined
      const span = { first, end }
      change(span, 1)
      return span
    },
    takeAgain: (span) => change(span, 1),
    release: (span) => change(span, -1),
    put(leaf, bytes) {
      if (leaf < next || here.has(leaf)) return false
      here.set(leaf, bytes)
      return true
    },
    shift() {
      const bytes = here.get(next)
      if (!bytes) return undefined
      here.delete(next)
      takers.delete(next++)
      return bytes
    },
  }
}
