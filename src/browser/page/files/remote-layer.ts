/** A layer of the registry in this browser, read in parts by range requests. */
import { streamOf } from '../../../core/archive/stream-of.ts'
import type { Sliceable } from '../../../core/client/sliceable.ts'
import { createTransport } from '../../../core/client/transport.ts'
import { RegistryError } from '../../../core/oci/error.ts'
import type { LayerAddress } from './messages.ts'

/** @param tell - is told of all bytes that come */
export function openLayer(address: LayerAddress, tell: (bytes: number) => void): Sliceable {
  const { repository, digest, size, from } = address
  const { ask } = createTransport((request) => fetch(request), '')
  const path = `/v2/${repository}/blobs/${digest}`
  // `only-if-cached` asks no peer, `no-store` keeps nothing of what peers give.
  const caching = { 'Cache-Control': from === 'peers' ? 'no-store' : 'only-if-cached' }

  async function* chunksOf(start: number, end: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    if (start >= end) return
    const isWhole = start === 0 && end === size
    const range = isWhole ? {} : { Range: `bytes=${start}-${end - 1}` }
    const response = await ask(path, { headers: { ...caching, ...range } })
    if (!isWhole && response.status !== 206) throw new RegistryError('UNSUPPORTED', 'no ranges are answered')
    const reader = response.body!.getReader()
    try {
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
