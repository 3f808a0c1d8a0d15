/**
 * Incompressible blobs of any size out of little memory. Each blob has its own random bytes, and its period
 * is no multiple of 1 MiB, so that no store can deduplicate the blob or its leaves.
 */
import { createHash, randomFillSync } from 'node:crypto'

export const KIB = 1024
export const MIB = 1024 * KIB
export const GIB = 1024 * MIB

export const PERIOD = MIB + KIB
const LONGEST_PIECE = MIB

export class RandomBlob {
  readonly size: number
  /** `sha256:…`, computed when the blob is made: never inside a measured part. */
  readonly digest: string
  readonly #bytes: Buffer

  constructor(size: number) {
    this.size = size
    this.#bytes = randomFillSync(Buffer.allocUnsafeSlow(PERIOD + LONGEST_PIECE))
    this.#bytes.copy(this.#bytes, PERIOD, 0, LONGEST_PIECE)
    const hash = createHash('sha256')
    for (const piece of this.pieces()) hash.update(piece)
    this.digest = `sha256:${hash.digest('hex')}`
  }

  /** The bytes `[start, end)`, in pieces of at most `length` bytes. */
  *pieces(start = 0, end = this.size, length = 256 * KIB): Generator<Buffer> {
    for (let at = start; at < end; at += length) yield this.slice(at, Math.min(end, at + length))
  }

  /** A view of at most 1 MiB. */
  slice(start: number, end: number): Buffer {
    const from = start % PERIOD
    return this.#bytes.subarray(from, from + end - start)
  }
}
