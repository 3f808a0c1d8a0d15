/** A blob of a registry as a `Sliceable`, so that a copy between registries only holds a chunk in memory. */
import { readAll } from '../blobs/streams.ts'
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import type { Client } from './client.ts'
import type { Sliceable } from './sliceable.ts'

export interface BlobLocation {
  readonly client: Client
  readonly repository: string
  readonly digest: Digest
  /** In bytes, according to its manifest. */
  readonly size: number
  readonly signal?: AbortSignal | undefined
}

/** Reading fails with the registry's error, or BLOB_UNKNOWN if it has no such blob. The bytes aren't verified here. */
export function sliceableBlob(blob: BlobLocation, start = 0, end = blob.size): Sliceable {
  return {
    size: end - start,
    slice: (from = 0, to = end - start) => sliceableBlob(blob, start + from, Math.min(start + to, end)),
    stream: () => readLater(blob, start, end),
    async arrayBuffer() {
      const { buffer } = await readAll(readLater(blob, start, end), end - start)
      if (buffer.byteLength === end - start) return buffer
      throw new RegistryError(
        'SIZE_INVALID',
        `the registry sends fewer bytes of ${blob.digest} than its manifest says`,
      )
    },
  }
}

/** Sends the request when the stream is first read. */
function readLater(blob: BlobLocation, start: number, end: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>()
  void read(blob, start, end)
    .then((stream) => stream.pipeTo(writable))
    .catch((error) => writable.abort(error).catch(() => {}))
  return readable
}

async function read(
  { client, repository, digest, size, signal }: BlobLocation,
  start: number,
  end: number,
): Promise<ReadableStream<Uint8Array>> {
  if (start === end) return new Blob([]).stream()
  const range = end - start < size ? { range: { start, end: end - 1 } } : {}
  const pulled = await client.getBlob(repository, digest, { ...range, signal })
  if (pulled) return pulled.stream
  throw new RegistryError('BLOB_UNKNOWN', `${repository} no longer has ${digest}`)
}
