/** The bytes of one file in a layer. */
import { decompressed } from '../archive/compression.ts'
import { createStreamCursor } from '../archive/cursor.ts'
import { type Decompress, decompress as inJavaScript } from '../archive/decompress.ts'
import { streamOf } from '../archive/stream-of.ts'
import { storedSizeOf, withHoles } from '../archive/tar-sparse.ts'
import type { Sliceable } from '../client/sliceable.ts'
import { RegistryError } from '../oci/error.ts'
import type { Entry } from './entry.ts'
import { compressionOfLayer } from './read-layer.ts'

/**
 * Of a compressed layer, all that stands before the file is unpacked again.
 *
 * @throws RegistryError UNSUPPORTED for what has no bytes of its own, such as a link
 */
export async function openFile(
  layer: Sliceable,
  { place, sparse, size }: Pick<Entry, 'place' | 'sparse' | 'size'>,
  decompress: Decompress = inJavaScript,
): Promise<ReadableStream<Uint8Array>> {
  if (!place) throw new RegistryError('UNSUPPORTED', 'it has no content of its own')
  const compression = await compressionOfLayer(layer)
  const from = layer.slice(place.start)
  const bytes = compression ? decompressed(from, compression, 'the layer', decompress) : from.stream()
  const cursor = createStreamCursor(bytes)
  if (!(await cursor.skip(place.skip)))
    throw new RegistryError('SIZE_INVALID', 'the layer ends before the file')
  const content = sparse ? withHoles(cursor.take(storedSizeOf(sparse)), sparse) : cursor.take(size)
  return streamOf(letGoAfter(content, () => cursor.cancel()))
}

/** Who has seen enough of a file must not leave a connection open. */
async function* letGoAfter<T>(stream: ReadableStream<T>, letGo: () => Promise<void>): AsyncGenerator<T> {
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await letGo().catch(() => {}) // what failed has said so
  }
}
