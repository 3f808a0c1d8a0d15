/** A layer of a registry as a `Sliceable`, read by range requests. Nothing is cached. */
import { readAll, streamOf } from '../blobs/streams.ts'
import type { Sliceable } from '../client/sliceable.ts'
import type { Transport } from '../client/transport.ts'
import { RegistryError } from '../oci/error.ts'

export interface RemoteLayer {
  readonly repository: string
  readonly digest: string
  /** In bytes, according to the manifest. */
  readonly size: number
}

export interface RemoteOptions {
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Called with the number of bytes whenever some are received. */
  readonly onBytes?: (bytes: number) => void
}

/** Reading fails like the transport, or with UNSUPPORTED if the registry doesn't support range requests. */
export function openRemoteLayer(
  { request }: Transport,
  { repository, digest, size }: RemoteLayer,
  { headers = {}, onBytes = () => {} }: RemoteOptions = {},
): Sliceable {
  async function* chunksOf(start: number, end: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    if (start >= end) return
    const isWhole = start === 0 && end === size
    const range = isWhole ? {} : { Range: `bytes=${start}-${end - 1}` }
    const response = await request(`/v2/${repository}/blobs/${digest}`, { headers: { ...headers, ...range } })
    const reader = response.body!.getReader()
    try {
      if (!isWhole && response.status !== 206)
        throw new RegistryError('UNSUPPORTED', 'the registry does not support range requests')
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        onBytes(next.value.length)
        yield next.value
      }
    } finally {
      await reader.cancel().catch(() => {}) // reading has reported the failure
    }
  }

  const slice = (start: number, end: number): Sliceable => ({
    size: end - start,
    slice: (first = 0, last = end - start) => {
      const begin = Math.min(start + Math.max(first, 0), end)
      return slice(begin, Math.max(begin, Math.min(start + last, end)))
    },
    stream: () => streamOf(chunksOf(start, end)),
    async arrayBuffer() {
      return (await readAll(chunksOf(start, end), end - start)).buffer
    },
  })
  return slice(0, size)
}
