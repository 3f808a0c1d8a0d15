/** Reads an upload's file while it grows. It has the file open, so it outlives the file's name. */

import type { UploadReader } from '../../core/blobs/ports.ts'
import { storageFailed } from '../../core/oci/error.ts'
import { calls } from './calls.ts'
import { storageError } from './storage-error.ts'

export class FileReader implements UploadReader {
  #file: number | undefined

  constructor(file: number) {
    this.#file = file
  }

  async read(position: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#file === undefined) throw storageFailed('the reader is closed')
    const buffer = Buffer.allocUnsafeSlow(length)
    const { bytesRead } = await calls.read(this.#file, buffer, 0, length, position).catch((cause) => {
      throw storageError(cause)
    })
    if (bytesRead === 0) throw storageFailed('the upload is shorter than it was')
    return buffer.subarray(0, bytesRead)
  }

  async close(): Promise<void> {
    if (this.#file !== undefined) calls.closeNow(this.#file)
    this.#file = undefined
  }
}
