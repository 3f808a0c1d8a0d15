/**
 * A transparent HTTP proxy between a client and a registry that keeps a record of every exchange,
 * so that a test can tell what a real client has really sent; it can break off one answer.
 */

import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'

export interface Exchange {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  /** Counts the connections that the client has opened, from 1. */
  readonly connection: number
  /** Bytes of request body passed on, chunked framing not counted. */
  requestBytes: number
  responseBytes: number
  /** Absent until the registry has answered. */
  status?: number
}

export interface RecordingProxy extends AsyncDisposable {
  readonly url: string
  readonly host: string
  readonly exchanges: readonly Exchange[]
  /** Breaks the connection after that many bytes of the next answer to a GET of a matching URL, once. */
  cutNext(url: RegExp, afterBytes: number): void
}

/** What is done when the registry has answered, before the client hears of it. */
export type OnAnswer = (exchange: Exchange, answer: IncomingMessage) => Promise<void>

/** The Host header is passed on, so that absolute Locations of the registry lead to the proxy again. */
export const startRecordingProxy = async (
  registry: string,
  onAnswer: OnAnswer = async () => {},
): Promise<RecordingProxy> => {
  const exchanges: Exchange[] = []
  const connections = new Map<Socket, number>()
  let cut: { url: RegExp; afterBytes: number } | undefined

  const takeCut = (incoming: IncomingMessage): number => {
    if (!cut || incoming.method !== 'GET' || !cut.url.test(incoming.url!)) return Infinity
    const { afterBytes } = cut
    cut = undefined
    return afterBytes
  }

  const server = createServer((incoming, outgoing) => {
    if (!connections.has(incoming.socket)) connections.set(incoming.socket, connections.size + 1)
    const exchange: Exchange = {
      method: incoming.method!,
      url: incoming.url!,
      headers: incoming.headers,
      connection: connections.get(incoming.socket)!,
      requestBytes: 0,
      responseBytes: 0,
    }
    exchanges.push(exchange)
    pass(registry, incoming, outgoing, exchange, takeCut(incoming), onAnswer).catch(() => outgoing.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${host}`,
    host,
    exchanges,
    cutNext(url, afterBytes) {
      cut = { url, afterBytes }
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Carries one exchange; rejects where either side goes away, and where the answer is cut. */
const pass = async (
  registry: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  exchange: Exchange,
  cutAfter: number,
  onAnswer: OnAnswer,
): Promise<void> => {
  const { method, headers } = exchange
  const onward = request(new URL(exchange.url, registry), { method, headers, setHost: false })
  const answered = once(onward, 'response') as Promise<[IncomingMessage]>
  const counted = each((chunk) => {
    exchange.requestBytes += chunk.length
  })
  const sent = pipeline(incoming, counted, onward)
  // A registry may answer before it has read all, as with an error.
  const [answer] = await Promise.race([answered, sent.then(() => answered)])
  exchange.status = answer.statusCode!
  await onAnswer(exchange, answer)
  outgoing.writeHead(answer.statusCode!, answer.rawHeaders)
  const received = each((chunk) => {
    exchange.responseBytes += chunk.length
    if (exchange.responseBytes > cutAfter) throw new Error('cut')
  })
  await pipeline(answer, received, outgoing)
}

/** Lets everything through and shows each chunk to `look`; what that throws breaks the pipeline. */
const each = (look: (chunk: Buffer) => void) =>
  async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      look(chunk)
      yield chunk
    }
  }
