/** A file of any size as the client reads it, which Node's own `Blob` is no more from 4 GiB on. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { arrayBuffer } from 'node:stream/consumers'
import type { Sliceable } from '../../core/client/sliceable.ts'

const CHUNK = 256 * 1024

/** The file must not change meanwhile; it is opened anew for each reading. */
export async function openSliceable(path: string): Promise<Sliceable> {
  const { size } = await stat(path)
  return sliceOf(path, 0, size)
}

function sliceOf(path: string, start: number, end: number): Sliceable {
  const size = end - start
  const read = () => createReadStream(path, { start, end: end - 1, highWaterMark: CHUNK })
  return {
    size,
    slice: (from = 0, to = size) => sliceOf(path, start + Math.min(from, size), start + Math.min(to, size)),
    stream: () => (size > 0 ? Readable.toWeb(read()) : new Blob([]).stream()) as ReturnType<Blob['stream']>,
    arrayBuffer: async () => (size > 0 ? arrayBuffer(read()) : new ArrayBuffer()),
  }
}
