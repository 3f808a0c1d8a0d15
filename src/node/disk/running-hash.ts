/** The hash over an upload's bytes: it runs along while they come, and begins anew where it was lost. */
import { createHash, type Hash } from 'node:crypto'
import type { Algorithm } from '../../core/oci/digest.ts'
import { calls } from './calls.ts'

/**
 * The hash over all bytes of an upload, kept between its requests. Being here also says that the bytes are
 * synced; an upload without one is read, hashed and synced anew before it goes on.
 */
export interface RunningHash {
  readonly hash: Hash
  readonly algorithm: Algorithm
  readonly size: number
}

const READ_SIZE = 1024 * 1024

/** Hashes the first `size` bytes of an open file. */
export async function hashStored(file: number, size: number, algorithm: Algorithm): Promise<Hash> {
  const hash = createHash(algorithm)
  const buffer = Buffer.allocUnsafe(Math.min(size, READ_SIZE))
  for (let position = 0; position < size; ) {
    const length = Math.min(buffer.length, size - position)
    const { bytesRead } = await calls.read(file, buffer, 0, length, position)
    if (bytesRead === 0) throw new Error('the upload is shorter than it was')
    hash.update(buffer.subarray(0, bytesRead))
    position += bytesRead
  }
  return hash
}
