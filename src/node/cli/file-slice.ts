/** A file of any size as the client reads it, which Node's own `Blob` is no more from 4 GiB on. */
import { createReadStream } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { arrayBuffer } from 'node:stream/consumers'
import type { Sliceable } from '../../core/client/sliceable.ts'

const CHUNK = 256 * 1024

/**
 * The file must not change meanwhile; it is opened anew for each reading.
 *
 * @throws Error that says what is wrong with the file, naming it
 */
export async function openSliceable(path: string): Promise<Sliceable> {
  const stats = await stat(path)
  if (stats.isDirectory())
    throw new Error(`${path} is a folder; pack it first: tar -C ${path} -cf image.tar .`)
  if (!stats.isFile()) throw new Error(`${path} is no file that can be read twice; save it to one first`)
  if (stats.size === 0) throw new Error(`${path} is empty`)
  await access(path, constants.R_OK)
  return sliceOf(path, 0, stats.size)
}

function sliceOf(path: string, start: number, end: number): Sliceable {
  const size = end - start
  const read = () => readFrom(path, start, end)
  return {
    size,
    slice: (from = 0, to = size) => sliceOf(path, start + Math.min(from, size), start + Math.min(to, size)),
    stream: () => (size > 0 ? Readable.toWeb(read()) : new Blob([]).stream()) as ReturnType<Blob['stream']>,
    arrayBuffer: async () => (size > 0 ? arrayBuffer(read()) : new ArrayBuffer()),
  }
}

/** Errors name the file, which those of reading do not by themselves. */
function readFrom(path: string, start: number, end: number): Readable {
  const stream = createReadStream(path, { start, end: end - 1, highWaterMark: CHUNK })
  return stream.on('error', (error: NodeJS.ErrnoException) => {
    error.path ??= path
  })
}
