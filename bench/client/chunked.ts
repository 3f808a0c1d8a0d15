/**
 * Chunked transfer coding, framed before the clock starts: a client that built 32,768 frames per GiB while it
 * is measured would take the CPU that the server needs.
 */
import { KIB, PERIOD, type RandomBlob } from './blob.ts'

/** What Docker's client sends: one chunk for each 32 KiB that it reads. */
const CHUNK = 32 * KIB
/** After so many chunks a blob's bytes and the chunks' limits are in step again. */
const CYCLE = PERIOD / KIB
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/** The framed body of a blob whose size is a multiple of 32 KiB, one write a chunk. */
export function chunkedBody(blob: RandomBlob): Iterable<Buffer> {
  const count = blob.size / CHUNK
  if (!Number.isInteger(count)) throw new Error('a chunked push needs a multiple of 32 KiB')
  const frames = Array.from({ length: Math.min(count, CYCLE) }, (_, index) => frame(blob, index * CHUNK))
  return repeat(frames, count)
}

function frame(blob: RandomBlob, start: number): Buffer {
  const head = Buffer.from(`${CHUNK.toString(16)}\r\n`)
  return Buffer.concat([head, blob.slice(start, start + CHUNK), Buffer.from('\r\n')])
}

function* repeat(frames: readonly Buffer[], count: number): Generator<Buffer> {
  for (let index = 0; index < count; index++) yield frames[index % frames.length]!
  yield LAST_CHUNK
}
