/**
 * A blob in a file. The class is exported because the HTTP server sends files without the detour of web streams.
 */

import { type FileHandle, open } from 'node:fs/promises'
import type { Content } from '../../core/blobs/ports.ts'
import { storageFailed } from '../../core/oci/error.ts'
import type { ByteRange } from '../../core/oci/range.ts'
import { storageError } from './storage-error.ts'

/** Measured: smaller reads halve the throughput, and larger ones gain little. */
const READ_BYTES = 512 * 1024

export class FileContent implements Content {
  readonly path: string
  readonly size: number

  constructor(path: string, size: number) {
    this.path = path
    this.size = size
  }

  /** Opens the file at once, so a later deletion doesn't disturb the reader, who must read to the end or cancel. */
  stream(range: ByteRange = { start: 0, end: this.size - 1 }): ReadableStream<Uint8Array> {
    return new ReadableStream(new FileSource(this.path, range))
  }
}

class FileSource implements UnderlyingDefaultSource<Uint8Array> {
  readonly #path: string
  #position: number
  readonly #end: number
  #file: FileHandle | undefined
  #isDone = false

  constructor(path: string, range: ByteRange) {
    this.#path = path
    this.#position = range.start
    this.#end = range.end + 1
  }

  async start(): Promise<void> {
    this.#file = await open(this.#path).catch((cause) => {
      throw storageError(cause)
    })
    if (this.#isDone) await this.cancel() // the reader cancelled before the file was open
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    if (this.#position < this.#end) controller.enqueue(await this.#read())
    if (this.#position < this.#end) return
    await this.cancel()
    controller.close()
  }

  async cancel(): Promise<void> {
    this.#isDone = true
    await this.#file?.close()
    this.#file = undefined
  }

  async #read(): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, this.#end - this.#position))
    try {
      const { bytesRead } = await this.#file!.read(buffer, 0, buffer.length, this.#position)
      if (bytesRead === 0) throw storageFailed('the file is shorter than its blob')
      this.#position += bytesRead
      return buffer.subarray(0, bytesRead)
    } catch (cause) {
      await this.cancel()
      throw storageError(cause)
    }
  }
}
