/** A blob of a registry as bytes that can be read in parts: what another registry takes goes through no memory but a chunk's. */
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import type { Client } from './client.ts'
import type { Sliceable } from './sliceable.ts'

export interface RemoteBlob {
  readonly client: Client
  readonly repository: string
  readonly digest: Digest
  /** In bytes, as its manifest states it. */
  readonly size: number
  readonly signal?: AbortSignal | undefined
}

/** Reading throws what the registry answers, and BLOB_UNKNOWN where it has none. The bytes are not verified here. */
export function openRemoteBlob(blob: RemoteBlob, start = 0, end = blob.size): Sliceable {
  return {
    size: end - start,
    slice: (from = 0, to = end - start) => openRemoteBlob(blob, start + from, Math.min(start + to, end)),
    stream: () => readLater(blob, start, end),
    async arrayBuffer() {
      const bytes = await new Response(readLater(blob, start, end)).arrayBuffer()
      if (bytes.byteLength === end - start) return bytes
      throw new RegistryError('SIZE_INVALID', `${blob.digest} has another size than its manifest says`)
    },
  }
}

/** Asks once it is read. */
function readLater(blob: RemoteBlob, start: number, end: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>()
  void read(blob, start, end)
    .then((stream) => stream.pipeTo(writable))
    .catch((error) => writable.abort(error).catch(() => {}))
  return readable
}

async function read(
  { client, repository, digest, size, signal }: RemoteBlob,
  start: number,
  end: number,
): Promise<ReadableStream<Uint8Array>> {
  if (start === end) return new Blob([]).stream()
  const range = end - start < size ? { range: { start, end: end - 1 } } : {}
  const pulled = await client.getBlob(repository, digest, { ...range, signal })
  if (pulled) return pulled.stream
  throw new RegistryError('BLOB_UNKNOWN', `${digest} of ${repository} is not there any more`)
}
