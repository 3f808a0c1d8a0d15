/**
 * What has arrived of a blob in one attempt, for any number of readers, each at its own pace: they read it back from the
 * upload, so memory doesn't grow with a slow one. No reader gets the last byte of its range before the digest is verified.
 */
import { createNotifier } from '../../async/notifier.ts'
import type { Content, UploadReader } from '../../blobs/ports.ts'
import { RegistryError } from '../../oci/error.ts'
import type { ByteRange } from '../../oci/range.ts'

/** Milliseconds after which the progress is repeated if there is none. */
const REPEAT_MS = 20_000

/** Bytes that are read back at once. */
const PIECE_BYTES = 1024 * 1024

interface Cursor {
  readonly range: ByteRange
  /** Bytes at the end of the range that are held back until the digest is verified. */
  readonly withheld: number
  /** The next byte to give. */
  position: number
  isPulling: boolean
  failure: unknown
  fail(error: unknown): void
}

type Outcome = { readonly content: Content } | { readonly error: unknown }

export class PartialBlob {
  readonly #reader: UploadReader
  readonly #size: number
  readonly #cursors = new Set<Cursor>()
  readonly #changes = createNotifier()
  #available = 0
  /** Counts how often the upload was rewound. */
  #generation = 0
  #outcome: Outcome | undefined

  /**
   * @param reader - closed here when the attempt is over and nobody reads any more
   * @param size - of the blob, in bytes
   */
  constructor(reader: UploadReader, size: number) {
    this.#reader = reader
    this.#size = size
  }

  get hasReaders(): boolean {
    return this.#cursors.size > 0
  }

  /** A range of the blob, as it arrives. */
  stream(range: ByteRange = { start: 0, end: this.#size - 1 }): ReadableStream<Uint8Array> {
    if (this.#error) return broken(this.#error.error)
    return this.#content?.stream(range) ?? this.#open(range, 1)
  }

  /** A range of what has arrived, for peers, who verify it themselves. Broken where not all of it has arrived. */
  readUnverified(range: ByteRange): ReadableStream<Uint8Array> {
    if (range.end >= this.#available) return broken(new RegistryError('RANGE_INVALID'))
    return this.#content?.stream(range) ?? this.#open(range, 0)
  }

  /** How many bytes have arrived, each time that there are more, and at intervals. Ends when no more will. */
  async *progress(signal: AbortSignal): AsyncGenerator<number> {
    let reported = -1
    while (!signal.aborted && !this.#error) {
      reported = Math.max(reported, this.#available)
      yield reported
      if (this.#available <= reported) await this.#changes.wait(REPEAT_MS)
    }
  }

  /** All but so many bytes are written once more. They will be the same. */
  rewind(available: number): void {
    this.#generation++
    this.#available = available
  }

  /** So many bytes can be read. */
  grow(available: number): void {
    this.#available = available
    this.#changes.notify()
  }

  /** All of it has arrived and is verified. */
  complete(content: Content): void {
    this.#finish({ content })
  }

  /** No more will arrive. */
  fail(error: unknown): void {
    for (const cursor of [...this.#cursors]) cursor.fail(error)
    this.#finish({ error })
  }

  get #content(): Content | undefined {
    return this.#outcome && 'content' in this.#outcome ? this.#outcome.content : undefined
  }

  get #error(): { readonly error: unknown } | undefined {
    return this.#outcome && 'error' in this.#outcome ? this.#outcome : undefined
  }

  #finish(outcome: Outcome): void {
    this.#outcome = outcome
    if (this.#cursors.size === 0) void this.#reader.close()
    this.#changes.notify()
  }

  #open(range: ByteRange, withheld: number): ReadableStream<Uint8Array> {
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
        start: (controller) => this.#add(cursor, controller),
        pull: (controller) => this.#pull(cursor, controller),
        cancel: () => this.#cancel(cursor),
      },
      { highWaterMark: 0 },
    )
  }

  #add(cursor: Cursor, controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#cursors.add(cursor)
    cursor.fail = (error) => {
      cursor.failure = error
      if (cursor.isPulling) return // the pull throws it
      controller.error(error)
      this.#drop(cursor)
    }
  }

  #cancel(cursor: Cursor): void {
    cursor.failure = new Error('the reader has left')
    if (cursor.isPulling) this.#changes.notify()
    else this.#drop(cursor)
  }

  #drop(cursor: Cursor): void {
    this.#cursors.delete(cursor)
    if (this.#outcome && this.#cursors.size === 0) void this.#reader.close()
  }

  async #pull(cursor: Cursor, controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    cursor.isPulling = true
    try {
      const piece = await this.#next(cursor)
      if (piece) controller.enqueue(piece)
      if (cursor.position > cursor.range.end) {
        controller.close()
        this.#drop(cursor)
      }
    } catch (error) {
      this.#drop(cursor)
      throw error
    } finally {
      cursor.isPulling = false
    }
  }

  /** The next piece for a cursor, once there is one; `undefined` at the end of its range. */
  async #next(cursor: Cursor): Promise<Uint8Array | undefined> {
    for (;;) {
      if (cursor.failure) throw cursor.failure
      const { position, range } = cursor
      if (this.#content && position > range.end) return undefined
      const limit = this.#limitOf(cursor)
      if (position >= limit) await this.#changes.wait()
      else {
        const piece = await this.#read(position, Math.min(limit - position, PIECE_BYTES))
        if (!piece || cursor.failure) continue
        cursor.position += piece.length
        return piece
      }
    }
  }

  #limitOf({ range, withheld }: Cursor): number {
    return this.#content ? range.end + 1 : Math.min(this.#available, range.end + 1 - withheld)
  }

  /** `undefined` if the bytes can't be read because they are written once more. */
  async #read(position: number, length: number): Promise<Uint8Array | undefined> {
    const generation = this.#generation
    try {
      return await this.#reader.read(position, length)
    } catch (error) {
      if (generation === this.#generation) throw error
      return undefined
    }
  }
}

const broken = (error: unknown): ReadableStream<Uint8Array> =>
  new ReadableStream({ start: (controller) => controller.error(error) })
