/**
 * The file-system calls of a push, on plain descriptors, and the hash and the reader of an upload's file. Calls that wait
 * for the device run in the thread pool. Those that only change the kernel's memory run synchronously: handing a rename to
 * a thread costs more than the rename, and a small push would spend most of its time on such hand-overs.
 */

import { createHash, type Hash } from 'node:crypto'
import { closeSync, fdatasync, fstat, ftruncate, open, read, renameSync, writeSync, writev } from 'node:fs'
import { promisify } from 'node:util'
import type { UploadReader } from '../../core/blobs/ports.ts'
import type { Algorithm } from '../../core/oci/digest.ts'
import { storageFailed } from '../../core/oci/error.ts'
import { storageError } from './storage-error.ts'

export const calls = {
  open: promisify(open),
  read: promisify(read),
  writev: promisify(writev),
  datasync: promisify(fdatasync),
  truncate: promisify(ftruncate),
  stat: promisify(fstat),
  writeNow: writeSync,
  renameNow: renameSync,
  closeNow: closeSync,
} as const

/**
 * The hash over all bytes of an upload, kept between its requests. If there is one, the bytes are also synced; an upload
 * without one is read, hashed and synced again before it continues.
 */
export interface RunningHash {
  readonly hash: Hash
  readonly algorithm: Algorithm
  readonly size: number
}

const READ_BYTES = 1024 * 1024

/** Hashes the first `size` bytes of an open file. */
export async function hashStored(file: number, size: number, algorithm: Algorithm): Promise<Hash> {
  const hash = createHash(algorithm)
  const buffer = Buffer.allocUnsafe(Math.min(size, READ_BYTES))
  for (let position = 0; position < size; ) {
    const length = Math.min(buffer.length, size - position)
    const { bytesRead } = await calls.read(file, buffer, 0, length, position)
    if (bytesRead === 0) throw new Error('the upload is shorter than it was')
    hash.update(buffer.subarray(0, bytesRead))
    position += bytesRead
  }
  return hash
}

/** Reads an upload's file while it grows. The open descriptor stays valid when the file is renamed. */
export class UploadFileReader implements UploadReader {
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

/**
 * Frees the memory of a chunk at once. With a few large bodies, the garbage collector would otherwise run all the time,
 * which costs a push more than hashing does. A chunk that shares its buffer with others is left alone.
 */
export function free(chunk: Uint8Array): void {
  if (chunk.byteLength === chunk.buffer.byteLength) (chunk.buffer as ArrayBuffer).transfer(0)
}
