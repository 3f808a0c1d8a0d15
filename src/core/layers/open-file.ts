/** Reads one file of a layer. */
import { decompressed } from '../archive/tar/compression.ts'
import { createStreamCursor } from '../archive/tar/cursor.ts'
import { type Decompress, decompress as inJavaScript } from '../archive/tar/decompress.ts'
import { storedSizeOf, withHoles } from '../archive/tar/sparse.ts'
import { streamOf } from '../blobs/streams.ts'
import type { Sliceable } from '../client/sliceable.ts'
import { RegistryError } from '../oci/error.ts'
import type { ContentOffset, Entry } from './entry.ts'
import { compressionOfLayer, readLayer } from './read-layer.ts'

type Opened = Pick<Entry, 'offset' | 'sparse' | 'size'>

/**
 * In a compressed layer without a table of contents, everything before the file is decompressed again.
 *
 * @param path - of the file; used to find it if its offset in a table of contents can't be used
 * @throws RegistryError UNSUPPORTED for a path without content, such as a link
 */
export async function openFile(
  layer: Sliceable,
  path: readonly string[],
  file: Opened,
  decompress: Decompress = inJavaScript,
): Promise<ReadableStream<Uint8Array>> {
  const { offset } = file
  if (!offset)
    throw new RegistryError('UNSUPPORTED', 'only files have content; open the target of the link instead')
  try {
    return await openAt(layer, offset, file, decompress)
  } catch (error) {
    // A frame of zstd:chunked may declare a window that is too large to start with, but not when read from the beginning.
    const isRefused = error instanceof RegistryError && error.code === 'UNSUPPORTED'
    const found = isRefused && offset.start > 0 && (await findByReading(layer, path, decompress))
    if (found) return openAt(layer, found, file, decompress)
    throw error
  }
}

async function openAt(
  layer: Sliceable,
  offset: ContentOffset,
  { sparse, size }: Opened,
  decompress: Decompress,
): Promise<ReadableStream<Uint8Array>> {
  const compression = await compressionOfLayer(layer)
  const from = layer.slice(offset.start)
  const bytes = compression ? decompressed(from, compression, 'the layer', decompress) : from.stream()
  const cursor = createStreamCursor(bytes)
  if (!(await cursor.skip(offset.skip)))
    throw new RegistryError('SIZE_INVALID', 'the layer is cut off before the file; pull the image again')
  const content = sparse ? withHoles(cursor.take(storedSizeOf(sparse)), sparse) : cursor.take(size)
  const reader = content.getReader()
  const first = await reader.read()
  return streamOf(read(first, reader, () => cursor.cancel()))
}

/** Releases the connection even if the reader stops early. */
async function* read<T>(
  first: ReadableStreamReadResult<T>,
  reader: ReadableStreamDefaultReader<T>,
  cancel: () => Promise<void>,
): AsyncGenerator<T> {
  try {
    for (let next = first; !next.done; next = await reader.read()) yield next.value
  } finally {
    await cancel().catch(() => {}) // reading has reported the failure
  }
}

async function findByReading(layer: Sliceable, path: readonly string[], decompress: Decompress) {
  for await (const entry of readLayer(layer, { decompress })) {
    if ('path' in entry && entry.path.join('/') === path.join('/')) return entry.offset
  }
  return undefined
}
