/** A layer of a registry, read in parts by range requests; nothing of it is held. */
import { streamOf } from '../archive/stream-of.ts'
import type { Sliceable } from '../client/sliceable.ts'
import type { Transport } from '../client/transport.ts'
import { RegistryError } from '../oci/error.ts'

export interface RemoteLayer {
  readonly repository: string
  readonly digest: string
  /** In bytes, as the manifest says. */
  readonly size: number
}

export interface RemoteOptions {
  /** Of each request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Is told of all bytes that come. */
  readonly tell?: (bytes: number) => void
}

/** Reading fails as the transport does, and with UNSUPPORTED where the registry answers no ranges. */
export function openRemoteLayer(
  { ask }: Transport,
  { repository, digest, size }: RemoteLayer,
  { headers = {}, tell = () => {} }: RemoteOptions = {},
): Sliceable {
  async function* chunksOf(start: number, end: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    if (start >= end) return
    const isWhole = start === 0 && end === size
    const range = isWhole ? {} : { Range: `bytes=${start}-${end - 1}` }
    const response = await ask(`/v2/${repository}/blobs/${digest}`, { headers: { ...headers, ...range } })
    const reader = response.body!.getReader()
    try {
      if (!isWhole && response.status !== 206)
        throw new RegistryError('UNSUPPORTED', 'the registry does not answer ranges')
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        tell(next.value.length)
        yield next.value
      }
    } finally {
      await reader.cancel().catch(() => {}) // what broke has said so
    }
  }

  const part = (start: number, end: number): Sliceable => ({
    size: end - start,
    slice: (first = 0, last = end - start) => {
      const begin = Math.min(start + Math.max(first, 0), end)
      return part(begin, Math.max(begin, Math.min(start + last, end)))
    },
    stream: () => streamOf(chunksOf(start, end)),
    async arrayBuffer() {
      const chunks: Uint8Array<ArrayBuffer>[] = []
      for await (const chunk of chunksOf(start, end)) chunks.push(chunk)
      return new Blob(chunks).arrayBuffer()
    },
  })
  return part(0, size)
}
