/** Helpers for tests of bulk transfer: blobs, a peer that serves them, and peers that misbehave as a test says. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'
import type { Content } from '../../../../src/core/blobs/ports.ts'
import { silentLog } from '../../../../src/core/log.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import type { ByteRange } from '../../../../src/core/oci/range.ts'
import type { RangeFetcher } from '../../../../src/core/swarm/ports.ts'
import type { Offer } from '../../../../src/core/swarm/protocol/messages.ts'
import { createCertificate } from '../../../../src/node/bulk/certificate.ts'
import { createHttpsFetcher } from '../../../../src/node/bulk/fetch-by-https.ts'
import { type BulkOptions, type BulkServer, openBulkServer } from '../../../../src/node/bulk/server.ts'
import { createTickets } from '../../../../src/node/bulk/tickets.ts'
import { FileContent } from '../../../../src/node/disk/file-content.ts'

/** Both ends hold the same view: who serves, and who asks. */
export const PEER = '12D3KooWpeer'

export const DIGEST = `sha256:${'0'.repeat(64)}` as Digest

export const onLoopback = (): RangeFetcher => createHttpsFetcher({ hostsOf: () => ['127.0.0.1'] })

export async function fileOf(folder: string, bytes: Uint8Array): Promise<FileContent> {
  const path = join(folder, randomBytes(8).toString('hex'))
  await writeFile(path, bytes)
  return new FileContent(path, bytes.length)
}

export async function openPeer(
  content: Content | undefined,
  options: Partial<BulkOptions> = {},
): Promise<BulkServer & AsyncDisposable & { readonly offer: Offer }> {
  const tickets = createTickets()
  const blobs = async () => content
  const server = await openBulkServer({
    host: '127.0.0.1',
    port: 0,
    blobs,
    tickets,
    log: silentLog,
    ...options,
  })
  const offer = { size: content?.size ?? 0, http: server.offerFor(PEER) }
  return { ...server, offer, [Symbol.asyncDispose]: () => server.close() }
}

export interface Impostor extends AsyncDisposable {
  readonly offer: Offer
  readonly connections: readonly TLSSocket[]
  /** All that was sent to it, once it was decrypted. */
  received(): string
}

/** A server that gives each request, known by its empty line, to `answer`. */
export async function openImpostor(
  answer: (socket: TLSSocket, request: string) => void,
  host = '127.0.0.1',
): Promise<Impostor> {
  const { key, certificate, fingerprint } = await createCertificate()
  const connections: TLSSocket[] = []
  let received = ''
  const server = createServer({ key, cert: certificate }, (socket) => {
    connections.push(socket)
    let request = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      received += chunk
      request += chunk
      if (!request.endsWith('\r\n\r\n')) return
      answer(socket, request)
      request = ''
    })
  })
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    offer: { size: 1e9, http: { port, certificate: fingerprint, ticket: 'ticket' } },
    connections,
    received: () => received,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of connections) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** What a request asks for. */
export function rangeIn(request: string): ByteRange {
  const [, start, end] = /\r\nRange: bytes=(\d+)-(\d+)\r\n/.exec(request)!
  return { start: Number(start), end: Number(end) }
}

export const headOf = ({ start, end }: ByteRange, headers: readonly string[] = []): string =>
  [
    'HTTP/1.1 206 Partial Content',
    `Content-Length: ${end - start + 1}`,
    `Content-Range: bytes ${start}-${end}/1000000000`,
    ...headers,
    '\r\n',
  ].join('\r\n')

export interface Received {
  readonly sizes: readonly number[]
  readonly sha256: string
}

/** Reads all, freeing each chunk as the disk does, so that memory which is used twice would show. */
export async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Received> {
  const hash = createHash('sha256')
  const sizes: number[] = []
  for await (const chunk of chunks) {
    hash.update(chunk)
    sizes.push(chunk.length)
    if (chunk.buffer.byteLength !== chunk.length) throw new Error('the chunk shares its memory')
    ;(chunk.buffer as ArrayBuffer).transfer(0)
  }
  return { sizes, sha256: hash.digest('hex') }
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export interface EndlessContent extends Content {
  given(): number
  readonly cancelled: Promise<void>
}

/** Zeros, made as they are read. */
export function zeros(size: number): EndlessContent {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>()
  let given = 0
  const stream = (range = { start: 0, end: size - 1 }) => {
    let left = range.end - range.start + 1
    return new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const chunk = new Uint8Array(Math.min(65_536, left))
          left -= chunk.length
          given += chunk.length
          controller.enqueue(chunk)
          if (left === 0) controller.close()
        },
        cancel: () => resolve(),
      },
      { highWaterMark: 0 },
    )
  }
  return { size, stream, given: () => given, cancelled }
}
