/** The bytes of one file in a layer. */
import { decompressed } from '../archive/compression.ts'
import { createStreamCursor } from '../archive/cursor.ts'
import { type Decompress, decompress as inJavaScript } from '../archive/decompress.ts'
import { streamOf } from '../archive/stream-of.ts'
import { storedSizeOf, withHoles } from '../archive/tar-sparse.ts'
import type { Sliceable } from '../client/sliceable.ts'
import { RegistryError } from '../oci/error.ts'
import type { Entry, Place } from './entry.ts'
import { compressionOfLayer, readLayer } from './read-layer.ts'

type Opened = Pick<Entry, 'place' | 'sparse' | 'size'>

/**
 * Of a compressed layer without a table of contents, all that stands before the file is unpacked again.
 *
 * @param path - of the file, by which it is found where its place in a table of contents does not do
 * @throws RegistryError UNSUPPORTED for what has no bytes of its own, such as a link
 */
export async function openFile(
  layer: Sliceable,
  path: readonly string[],
  file: Opened,
  decompress: Decompress = inJavaScript,
): Promise<ReadableStream<Uint8Array>> {
  const { place } = file
  if (!place) throw new RegistryError('UNSUPPORTED', 'it has no content of its own')
  try {
    return await openAt(layer, place, file, decompress)
  } catch (error) {
    // Frames of zstd:chunked may name windows that are too large to begin with, and do no harm further on.
    const isRefused = error instanceof RegistryError && error.code === 'UNSUPPORTED'
    const found = isRefused && place.start > 0 && (await findByReading(layer, path, decompress))
    if (found) return openAt(layer, found, file, decompress)
    throw error
  }
}

async function openAt(
  layer: Sliceable,
  place: Place,
  { sparse, size }: Opened,
  decompress: Decompress,
): Promise<ReadableStream<Uint8Array>> {
  const compression = await compressionOfLayer(layer)
  const from = layer.slice(place.start)
  const bytes = compression ? decompressed(from, compression, 'the layer', decompress) : from.stream()
  const cursor = createStreamCursor(bytes)
  if (!(await cursor.skip(place.skip)))
    throw new RegistryError('SIZE_INVALID', 'the layer ends before the file')
  const content = sparse ? withHoles(cursor.take(storedSizeOf(sparse)), sparse) : cursor.take(size)
  const reader = content.getReader()
  const first = await reader.read()
  return streamOf(read(first, reader, () => cursor.cancel()))
}

/** Who has seen enough of a file must not leave a connection open. */
async function* read<T>(
  first: ReadableStreamReadResult<T>,
  reader: ReadableStreamDefaultReader<T>,
  letGo: () => Promise<void>,
): AsyncGenerator<T> {
  try {
    for (let next = first; !next.done; next = await reader.read()) yield next.value
  } finally {
    await letGo().catch(() => {}) // what failed has said so
  }
}

async function findByReading(layer: Sliceable, path: readonly string[], decompress: Decompress) {
  for await (const entry of readLayer(layer, { decompress })) {
    if ('path' in entry && entry.path.join('/') === path.join('/')) return entry.place
  }
  return undefined
}
