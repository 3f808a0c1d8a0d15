/**
 * A false peer, by HTTP: it claims the id of a true one, and passes on to that what it has no better answer for, so that
 * digests which it names can be had of it.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { encodeFrame } from '../../../../src/core/swarm/protocol/frame.ts'

export interface Question {
  readonly ask: string
  readonly digest?: string
  readonly digests?: readonly string[]
}

/** Bytes as they go over the wire; `undefined`: the true peer is asked. */
type Answer = Uint8Array | undefined

export interface Falsehood {
  /** What it says to `GET /flotilla/peer`. */
  introduce?(): Answer
  answer?(question: Question): Answer
}

export interface FalsePeer extends AsyncDisposable {
  readonly multiaddr: string
  /** Requests for its id. */
  introductions(): number
}

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'content-type',
  'Access-Control-Allow-Methods': 'GET, POST',
}

export async function openFalsePeer(truth: string, { introduce, answer }: Falsehood): Promise<FalsePeer> {
  let introductions = 0

  async function bodyFor({ method, url = '' }: IncomingMessage, sent: Buffer): Promise<Uint8Array> {
    if (method === 'GET') introductions++
    const own = method === 'GET' ? introduce?.() : answer?.(JSON.parse(String(sent)))
    if (own) return own
    const headers = { 'Content-Type': 'application/json' }
    const init = method === 'GET' ? {} : { method: 'POST', headers, body: sent as Buffer<ArrayBuffer> }
    return new Uint8Array(await (await fetch(truth + url, init)).arrayBuffer())
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await buffer(request)
    const body = request.method === 'OPTIONS' ? '' : await bodyFor(request, sent)
    response.writeHead(200, CORS).end(body)
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    multiaddr: `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}/http`,
    introductions: () => introductions,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** An answer of this value, and bytes after it. */
export const answerOf = (value: unknown, bytes = Buffer.of()): Uint8Array =>
  Buffer.concat([encodeFrame({ ok: value }), bytes])
