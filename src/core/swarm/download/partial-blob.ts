/**
 * What has come of a blob by one claim, for any number of readers, each at its own pace: they read it back from the
 * upload, so memory does not grow with a slow one. Nobody gets the last byte that he asked for before the digest is
 * verified.
 */

import { createNotifier } from '../../async/notifier.ts'
import type { Content, UploadReader } from '../../blobs/ports.ts'
import { RegistryError } from '../../oci/error.ts'
import type { ByteRange } from '../../oci/range.ts'

export interface PartialBlob {
  readonly hasReaders: boolean
  /** A part of the blob, as it comes. */
  stream(range: ByteRange | undefined): ReadableStream<Uint8Array>
  /** A part of what has come so far, for peers, who check it themselves. Broken where not all of it has come. */
  readUnverified(range: ByteRange): ReadableStream<Uint8Array>
  /** How many bytes have come, each time that there are more and now and then. Ends when no more will come. */
  progress(signal: AbortSignal): AsyncIterable<number>
  /** What has come from there on is written once more, and will be the same. */
  rewind(available: number): void
  /** So many bytes can be read. */
  grow(available: number): void
  /** All of it is here and true. */
  complete(content: Content): void
  /** No more will come. */
  fail(error: unknown): void
}

/** Milliseconds after which progress is told of again where there is none. */
const REPEAT = 20_000

/** Bytes read back at once. */
const PIECE = 1024 * 1024

interface Cursor {
  readonly range: ByteRange
  /** Bytes at the end of the range that are kept back until all is true. */
  readonly withheld: number
  /** The next byte to give. */
  position: number
  isPulling: boolean
  failure: unknown
  fail(error: unknown): void
}

/**
 * @param reader - closed here when the download is over and nobody reads any more
 * @param size - of the blob, in bytes
 */
export function createPartialBlob(reader: UploadReader, size: number): PartialBlob {
  const cursors = new Set<Cursor>()
  const notifier = createNotifier()
  let available = 0
  /** Counts how often it was rewound. */
  let generation = 0
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
      if (position >= limit) await notifier.wait()
      else {
        const piece = await read(position, Math.min(limit - position, PIECE))
        if (!piece || cursor.failure) continue
        cursor.position += piece.length
        return piece
      }
    }
  }

  /** `undefined` where they cannot be read, as they are being written once more. */
  async function read(position: number, length: number): Promise<Uint8Array | undefined> {
    const before = generation
    try {
      return await reader.read(position, length)
    } catch (error) {
      if (generation === before) throw error
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

  function open(range: ByteRange, withheld: number): ReadableStream<Uint8Array> {
    const cursor: Cursor = {
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
          if (cursor.isPulling) notifier.notify()
          else drop(cursor)
        },
      },
      { highWaterMark: 0 },
    )
  }

  function finish(outcome: NonNullable<typeof end>): void {
    end = outcome
    if (cursors.size === 0) void reader.close()
    notifier.notify()
  }

  return {
    get hasReaders() {
      return cursors.size > 0
    },

    stream(range = { start: 0, end: size - 1 }) {
      if (end && 'error' in end) return broken(end.error)
      return end ? end.content.stream(range) : open(range, 1)
    },

    readUnverified(range) {
      if (range.end >= available) return broken(new RegistryError('RANGE_INVALID'))
      return end && 'content' in end ? end.content.stream(range) : open(range, 0)
    },

    async *progress(signal) {
      let told = -1
      while (!signal.aborted && !(end && 'error' in end)) {
        told = Math.max(told, available)
        yield told
        if (available <= told) await notifier.wait(REPEAT)
      }
    },

    rewind(kept) {
      generation++
      available = kept
    },

    grow(length) {
      available = length
      notifier.notify()
    },

    complete: (content) => finish({ content }),

    fail(error) {
      for (const cursor of [...cursors]) cursor.fail(error)
      finish({ error })
    },
  }
}

const broken = (error: unknown): ReadableStream<Uint8Array> =>
  new ReadableStream({ start: (controller) => controller.error(error) })
