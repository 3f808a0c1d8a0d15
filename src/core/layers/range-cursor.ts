/**
 * A place in a layer that is read by range requests, each of which takes its time: small gaps are read over, in pieces
 * that grow, and large ones are jumped.
 */
import type { Cursor } from '../archive/cursor.ts'
import type { Sliceable } from '../client/sliceable.ts'

/** Bytes that are asked for after a jump. */
const SMALLEST = 32 * 1024

/** Bytes that are asked for at a time where files lie close to each other. */
const LARGEST = 1024 * 1024

export function createRangeCursor(file: Sliceable): Cursor {
  let position = 0
  let start = 0
  let wanted = SMALLEST / 2
  let ahead = new Uint8Array()
  const readAhead = async (length: number) => {
    const gap = position - (start + ahead.length)
    wanted = gap >= 0 && gap < LARGEST ? Math.min(2 * wanted, LARGEST) : SMALLEST
    start = position
    ahead = new Uint8Array(await file.slice(start, start + Math.max(length, wanted)).arrayBuffer())
  }
  return {
    get position() {
      return position
    },
    async read(length) {
      if (position < start || position + length > start + ahead.length) await readAhead(length)
      const bytes = ahead.slice(position - start, position - start + length)
      position += bytes.length
      return bytes
    },
    async skip(length) {
      position += length
      return position <= file.size
    },
  }
}
