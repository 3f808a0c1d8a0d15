/**
 * Appends bytes to a file while they arrive, and hashes them. This is the hot path of every push: it decides about batches,
 * back-pressure and when the kernel writes to the device.
 */
import type { Hash } from 'node:crypto'
import { calls, free } from './io.ts'

/** Larger writes aren't faster, and many simultaneous uploads would take more memory. */
const BATCH_BYTES = 256 * 1024
/** The kernel's limit of buffers in one write (IOV_MAX), because a client may send its body byte by byte. */
const BATCH_CHUNKS = 1024
/** Up to this size, handing a write to a thread costs more than writing to the page cache synchronously. */
const MAX_SYNCHRONOUS_BYTES = 64 * 1024
/** Syncing after this many bytes, rather than only at the end, is a fifth faster. */
const SYNC_INTERVAL_BYTES = 32 * 1024 * 1024

/** One early sync at a time in the whole process, because each takes one of the few threads that reads need, too. */
let syncingEarly = false

/**
 * Only one write is under way at a time, while the next batch is collected. So at any moment, even after a SIGKILL, the
 * file holds exactly the first bytes of what was sent, without holes.
 */
export class FileWriter {
  /** A descriptor, which the caller closes. */
  readonly file: number
  readonly #hash: Hash
  #position: number
  #batch: Uint8Array[] = []
  #batched = 0
  #writing: Promise<void> = Promise.resolve()
  #syncing: Promise<void> = Promise.resolve()
  #untilSync = SYNC_INTERVAL_BYTES
  #syncFailed = false
  readonly #onProgress: (size: number) => void

  constructor(file: number, position: number, hash: Hash, onProgress: (size: number) => void = () => {}) {
    this.file = file
    this.#position = position
    this.#hash = hash
    this.#onProgress = onProgress
  }

  /** Keeps `chunk` until it is written. If it returns a promise, that must be awaited before the next call. */
  add(chunk: Uint8Array): Promise<void> | undefined {
    this.#hash.update(chunk)
    this.#batch.push(chunk)
    this.#batched += chunk.length
    return this.#batched < BATCH_BYTES && this.#batch.length < BATCH_CHUNKS ? undefined : this.#writeBatch()
  }

  /** Writes what is left. @returns the size of the file */
  async flush(): Promise<number> {
    await this.#writing
    if (this.#batched > MAX_SYNCHRONOUS_BYTES) await this.#writeBatch()
    else if (this.#batched > 0) this.#writeNow()
    await this.#writing
    return this.#position
  }

  /** Makes everything durable. Also rejects if an early sync failed, which the kernel reports only once. */
  async sync(): Promise<void> {
    await this.#syncing
    await this.#datasync()
  }

  /**
   * After a failed sync, the kernel may mark pages as clean that were never written, and a later sync would succeed without
   * them. So none of the bytes can be trusted.
   */
  get syncFailed(): boolean {
    return this.#syncFailed
  }

  /** Waits until no write or sync is under way, whether they succeed or fail. */
  async idle(): Promise<void> {
    await Promise.allSettled([this.#writing, this.#syncing])
  }

  async #writeBatch(): Promise<void> {
    await this.#writing
    const batch = this.#batch
    this.#untilSync -= this.#batched
    this.#batch = []
    this.#batched = 0
    if (this.#untilSync <= 0) this.#syncEarly()
    this.#writing = this.#write(batch)
    this.#writing.catch(() => {})
  }

  async #write(batch: readonly Uint8Array[]): Promise<void> {
    for (let rest = batch; rest.length > 0; ) {
      const { bytesWritten } = await calls.writev(this.file, rest, this.#position)
      this.#position += bytesWritten
      rest = withoutFirst(rest, bytesWritten)
    }
    batch.forEach(free)
    this.#onProgress(this.#position)
  }

  async #datasync(): Promise<void> {
    await calls.datasync(this.file).catch((error) => {
      this.#syncFailed = true
      throw error
    })
  }

  #writeNow(): void {
    for (const chunk of this.#batch) {
      for (let offset = 0; offset < chunk.length; ) {
        const written = calls.writeNow(this.file, chunk, offset, chunk.length - offset, this.#position)
        this.#position += written
        offset += written
      }
    }
    this.#onProgress(this.#position)
  }

  #syncEarly(): void {
    if (syncingEarly) return
    syncingEarly = true
    this.#untilSync = SYNC_INTERVAL_BYTES
    const before = this.#syncing
    this.#syncing = this.#datasync()
      .finally(() => {
        syncingEarly = false
      })
      .then(() => before)
    this.#syncing.catch(() => {})
  }
}

/** What remains of `batch` after its first `length` bytes: nothing, unless a write was partial. */
function withoutFirst(batch: readonly Uint8Array[], length: number): Uint8Array[] {
  const rest: Uint8Array[] = []
  for (const chunk of batch) {
    if (length < chunk.length) rest.push(chunk.subarray(length))
    length = Math.max(0, length - chunk.length)
  }
  return rest
}
