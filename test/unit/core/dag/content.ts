/** Bytes for DAGs, of any size without their memory, and the leaf hashes of them by Node's own hash. */
import { createHash } from 'node:crypto'

export const MIB = 1024 * 1024

const leaf = Uint8Array.from({ length: MIB }, (_, position) => (position * 31 + (position >> 8)) & 0xff)

/** The same MiB again and again. */
export function* leavesOf(size: number): Generator<Uint8Array<ArrayBuffer>> {
  for (let left = size; left > 0; left -= MIB) yield leaf.subarray(0, Math.min(MIB, left))
}

export const bytesOf = (size: number): Uint8Array<ArrayBuffer> => Buffer.concat([...leavesOf(size)])

export function leafHashesOf(size: number): Uint8Array {
  const known = new Map<number, Buffer>()
  const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
  const hashes = [...leavesOf(size)].map((bytes) => {
    const hash = known.get(bytes.length) ?? hashOf(bytes)
    known.set(bytes.length, hash)
    return hash
  })
  return Buffer.concat(hashes)
}

/** Each MiB another one. */
export function variedBytes(size: number, seed = 0): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(size)
  for (let start = 0; start < size; start += MIB) bytes[start] = seed + start / MIB
  return bytes
}
