/** Makes leaves of bytes that come in chunks of any size. Apart because every road chunks as it likes. */
import type { Bytes } from '../blobs/ports.ts'
import { Lie } from './claims.ts'

/**
 * One buffer for each of `lengths`, its own, handed over. A chunk that is exactly one leaf is passed on uncopied.
 *
 * @throws Lie where there are more bytes than that
 * @throws Error where there are fewer
 */
export async function* gather(bytes: Bytes, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  const [...open] = lengths
  let leaf: Uint8Array | undefined
  let filled = 0
  for await (let chunk of bytes) {
    while (chunk.length > 0) {
      const length = open[0]
      if (length === undefined) throw new Lie('more bytes than were asked for')
      if (!leaf && ownsExactly(chunk, length)) {
        open.shift()
        yield chunk
        break
      }
      leaf ??= new Uint8Array(length)
      const part = chunk.subarray(0, length - filled)
      leaf.set(part, filled)
      filled += part.length
      chunk = chunk.subarray(part.length)
      if (filled < length) continue
      open.shift()
      yield leaf
      leaf = undefined
      filled = 0
    }
  }
  if (open.length > 0) throw new Error('ended early')
}

const ownsExactly = (chunk: Uint8Array, length: number): boolean =>
  chunk.length === length && chunk.buffer.byteLength === length
