/**
 * What has come of a blob so far, for any number of readers, each at its own pace: they read it back from the upload,
 * so memory does not grow with a slow one. Nobody gets the last byte that he asked for before the digest is verified.
 */
import type { Content, UploadReader } from '../blobs/ports.ts'
import { RegistryError } from '../oci/error.ts'
import type { ByteRange } from '../oci/range.ts'
import { createBell } from './bell.ts'

export interface Gathered {
  /** Of the blob, as far as is known. */
  readonly size: number
  /** A part of a blob of `size` bytes, as it comes. */
  stream(size: number, range: ByteRange | undefined): ReadableStream<Uint8Array>
  /** A part of what has come so far, for peers, who check it themselves. Broken where not all of it has come. */
  early(range: ByteRange): ReadableStream<Uint8Array>
  /** How many bytes have come, each time that there are more and now and then. Ends when they are taken back. */
  progress(signal: AbortSignal): AsyncIterable<number>
  /** The blob has `size` bytes, and those from `kept` on are others from now on. Breaks off who has read such. */
  begin(size: number, kept: number): void
  /** So many bytes can be read. */
  grow(available: number): void
  /** All of it is here and true. */
  settle(content: Content): void
  /** No more will come. */
  fail(error: unknown): void
}

/** Milliseconds after which progress is told of again where there is none. */
const REPEAT = 20_000

/** Bytes read back at once. */
const PIECE = 1024 * 1024

interface Cursor {
  readonly size: number
  readonly range: ByteRange
  /** Bytes at the end of the range that are kept back until all is true. */
  readonly withheld: number
  /** The next byte to give. */
  position: number
  isPulling: boolean
  failure: unknown
  fail(error: unknown): void
}

/** @param reader - closed here when the download is over and nobody reads any more */
export function createGathered(reader: UploadReader): Gathered {
  const cursors = new Set<Cursor>()
  const bell = createBell()
  let size = 0
  let available = 0
  /** Counts how often what was gathered has been taken back. */
  let edition = 0
  let end: { readonly content: Content } | { readonly error: unknown } | undefined

  const isTrue = () => end !== undefined && 'content' in end

  function drop(cursor: Cursor): void {
    cursors.delete(cursor)
    if (end && cursors.size === 0) void reader.close()
  }

  /** The next piece for a cursor, when there is one; `undefined` where there are no more. */
  async function next(cursor: Cursor): Promise<Uint8Array | undefined> {
    for (;;) {
      if (cursor.failure) throw cursor.failure
      const { position, range } = cursor
      if (isTrue() && position > range.end) return undefined
      const limit = isTrue() ? range.end + 1 : Math.min(available, range.end + 1 - cursor.withheld)
      if (position >= limit) await bell.wait()
      else {
        const before = edition
        const piece = await read(position, Math.min(limit - position, PIECE))
        if (edition !== before || !piece || cursor.failure) continue
        cursor.position += piece.length // at once: whoever takes the bytes back looks how far it has read
        return piece
      }
    }
  }

  /** `undefined` where they cannot be read, as they became others meanwhile. */
  async function read(position: number, length: number): Promise<Uint8Array | undefined> {
    const before = edition
    try {
      return await reader.read(position, length)
    } catch (error) {
      if (edition === before) throw error
      return undefined
    }
  }

  async function pull(
    cursor: Cursor,
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    cursor.isPulling = true
    try {
      const piece = await next(cursor)
      if (piece) controller.enqueue(piece)
      if (cursor.position > cursor.range.end) {
        controller.close()
        drop(cursor)
      }
    } catch (error) {
      drop(cursor)
      throw error
    } finally {
      cursor.isPulling = false
    }
  }

  function open(range: ByteRange, size: number, withheld = 1): ReadableStream<Uint8Array> {
    const cursor: Cursor = {
      size,
      range,
      withheld,
      position: range.start,
      isPulling: false,
      failure: undefined,
      fail() {},
    }
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          cursors.add(cursor)
          cursor.fail = (error) => {
            cursor.failure = error
            if (cursor.isPulling) return // it sees for itself
            controller.error(error)
            drop(cursor)
          }
        },
        pull: (controller) => pull(cursor, controller),
        cancel() {
          cursor.failure = new Error('the reader has left')
          if (cursor.isPulling) bell.ring()
          else drop(cursor)
        },
      },
      { highWaterMark: 0 },
    )
  }

  function finish(outcome: NonNullable<typeof end>): void {
    end = outcome
    if (cursors.size === 0) void reader.close()
    bell.ring()
  }

  return {
    get size() {
      return size
    },

    stream(asked, range = { start: 0, end: asked - 1 }) {
      if (end && 'error' in end) return broken(end.error)
      if (asked !== size) return broken(otherBytes())
      return end ? end.content.stream(range) : open(range, asked)
    },

    early(range) {
      if (range.end >= available) return broken(new RegistryError('RANGE_INVALID'))
      return end && 'content' in end ? end.content.stream(range) : open(range, size, 0)
    },

    async *progress(signal) {
      const before = edition
      while (!signal.aborted && edition === before && !(end && 'error' in end)) {
        const told = available
        yield told
        if (available === told) await bell.wait(REPEAT)
      }
    },

    begin(actual, kept) {
      edition++
      size = actual
      available = kept
      for (const cursor of [...cursors]) {
        const { position, range } = cursor
        const isFalse = cursor.size !== size || (position > range.start && position > kept)
        if (isFalse) cursor.fail(otherBytes())
      }
      bell.ring()
    },

    grow(size) {
      available = size
      bell.ring()
    },

    settle: (content) => finish({ content }),

    fail(error) {
      for (const cursor of [...cursors]) cursor.fail(error)
      finish({ error })
    },
  }
}

const broken = (error: unknown): ReadableStream<Uint8Array> =>
  new ReadableStream({ start: (controller) => controller.error(error) })

const otherBytes = (): RegistryError =>
  new RegistryError('UNAVAILABLE', 'what came first was false; the blob has other bytes')
