/**
 * Writes bytes at the end of a file while they arrive, and hashes them on the way. Apart because it is the hot
 * path of every push: it alone decides about batches, back-pressure and when the kernel writes to the device.
 */
import type { Hash } from 'node:crypto'
import { calls } from './calls.ts'
import { free } from './free.ts'

/** Bytes in one write. Larger ones are not faster, and many uploads at once would take more memory. */
const BATCH_SIZE = 256 * 1024
/** The kernel takes no more buffers in one write (IOV_MAX); a client may send its body byte by byte. */
const BATCH_CHUNKS = 1024
/** Up to this many bytes, which only go to the page cache, handing a write to a thread costs more than doing it. */
const SMALL = 64 * 1024
/** Bytes after which the device starts on them, rather than on everything at the end: a fifth faster. */
const SYNC_INTERVAL = 32 * 1024 * 1024

/** One early sync at a time in the whole process: each takes one of the few threads that reads need too. */
let syncingEarly = false

/**
 * Only one write is under way at a time, while the next batch gathers. So at any moment, also after a SIGKILL,
 * the file holds exactly the first bytes of what was sent, without holes.
 */
export class FileWriter {
  /** A descriptor; closing it is the owner's. */
  readonly file: number
  readonly #hash: Hash
  #position: number
  #batch: Uint8Array[] = []
  #batched = 0
  #writing: Promise<void> = Promise.resolve()
  #syncing: Promise<void> = Promise.resolve()
  #untilSync = SYNC_INTERVAL
  #syncFailed = false
  readonly #onProgress: (size: number) => void

  constructor(file: number, position: number, hash: Hash, onProgress: (size: number) => void = () => {}) {
    this.file = file
    this.#position = position
    this.#hash = hash
    this.#onProgress = onProgress
  }

  /** Keeps `chunk` until it is written. A promise that it returns must be awaited before the next call. */
  add(chunk: Uint8Array): Promise<void> | undefined {
    this.#hash.update(chunk)
    this.#batch.push(chunk)
    this.#batched += chunk.length
    return this.#batched < BATCH_SIZE && this.#batch.length < BATCH_CHUNKS ? undefined : this.#turn()
  }

  /** Writes what is left. @returns the size of the file */
  async flush(): Promise<number> {
    await this.#writing
    if (this.#batched > SMALL) await this.#turn()
    else if (this.#batched > 0) this.#writeNow()
    await this.#writing
    return this.#position
  }

  /** Makes everything durable. Rejects as well if an early sync failed, which the kernel reports only once. */
  async sync(): Promise<void> {
    await this.#syncing
    await this.#datasync()
  }

  /**
   * After a failed sync the kernel may count pages as written that are not, and a later sync would succeed without
   * them: none of the bytes can be relied on.
   */
  get syncFailed(): boolean {
    return this.#syncFailed
  }

  /** Waits for nothing to be under way, whether it worked or not. */
  async settle(): Promise<void> {
    await Promise.allSettled([this.#writing, this.#syncing])
  }

  async #turn(): Promise<void> {
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
    this.#untilSync = SYNC_INTERVAL
    const before = this.#syncing
    this.#syncing = this.#datasync()
      .finally(() => {
        syncingEarly = false
      })
      .then(() => before)
    this.#syncing.catch(() => {})
  }
}

/** What remains of `batch` when its first `length` bytes are written: nothing, unless a write came up short. */
function withoutFirst(batch: readonly Uint8Array[], length: number): Uint8Array[] {
  const rest: Uint8Array[] = []
  for (const chunk of batch) {
    if (length < chunk.length) rest.push(chunk.subarray(length))
    length = Math.max(0, length - chunk.length)
  }
  return rest
}
