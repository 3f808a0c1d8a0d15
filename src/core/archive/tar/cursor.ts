/** A position in a file that only moves forward, by reading or skipping. In a plain file, skipped bytes aren't read. */

import type { Sliceable } from '../../client/sliceable.ts'

export interface Cursor {
  readonly position: number
  /** Fewer than `length` bytes at the end of the file. */
  read(length: number): Promise<Uint8Array<ArrayBuffer>>
  /** `false` if the file ends earlier. */
  skip(length: number): Promise<boolean>
}

/** Read at once: some headers and the small files between them. */
const READ_AHEAD_BYTES = 16 * 1024

export function createSliceCursor(file: Sliceable): Cursor {
  let position = 0
  let start = 0
  let ahead = new Uint8Array()
  return {
    get position() {
      return position
    },
    async read(length) {
      if (position < start || position + length > start + ahead.length) {
        start = position
        ahead = new Uint8Array(
          await file.slice(start, start + Math.max(length, READ_AHEAD_BYTES)).arrayBuffer(),
        )
      }
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

export interface StreamCursor extends Cursor {
  /** The next `length` bytes as a stream, which fails if the file ends earlier. Reading it moves the cursor. */
  take(length: number): ReadableStream<Uint8Array>
  cancel(): Promise<void>
}

export function createStreamCursor(stream: ReadableStream<Uint8Array<ArrayBuffer>>): StreamCursor {
  const reader = stream.getReader()
  let position = 0
  let rest = new Uint8Array()

  /** Between one and `max` bytes; none at the end. */
  const next = async (max: number): Promise<Uint8Array<ArrayBuffer>> => {
    while (rest.length === 0) {
      const { done, value } = await reader.read()
      if (done) return new Uint8Array()
      rest = value
    }
    const bytes = rest.subarray(0, max)
    rest = rest.subarray(bytes.length)
    position += bytes.length
    return bytes
  }

  return {
    get position() {
      return position
    },
    async read(length) {
      const bytes = new Uint8Array(length)
      let filled = 0
      while (filled < length) {
        const chunk = await next(length - filled)
        if (chunk.length === 0) break
        bytes.set(chunk, filled)
        filled += chunk.length
      }
      return bytes.subarray(0, filled)
    },
    async skip(length) {
      for (let left = length; left > 0; ) {
        const chunk = await next(left)
        if (chunk.length === 0) return false
        left -= chunk.length
      }
      return true
    },
    take(length) {
      const end = position + length
      return new ReadableStream({
        async pull(controller) {
          const chunk = position < end ? await next(end - position) : undefined
          if (chunk?.length === 0) throw new Error('the file ends too early')
          if (chunk) controller.enqueue(chunk.slice()) // the reader may free its memory
          if (position === end) controller.close()
        },
      })
    },
    cancel: () => reader.cancel(),
  }
}
