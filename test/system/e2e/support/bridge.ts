/**
 * Lets programs outside talk to the registry in a page: an HTTP server whose requests the page makes itself. Bodies
 * pass as bytes, by HTTP between the bridge and the page, since the debugger's channel carries only text.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { Page } from 'playwright'
import { type BridgedHead, type BridgedRequest, serveBridge } from './bridge-agent.ts'

export interface Bridge extends AsyncDisposable {
  readonly url: string
  /** `127.0.0.1:PORT`, as in image references. */
  readonly host: string
  /** From now on, this page responds. Has to be called again after each load. */
  connect(page: Page): Promise<void>
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/** Headers that a page's `fetch` sets itself, or that belong to the connection. */
const NOT_PASSED =
  /^(?:host|connection|content-length|transfer-encoding|accept-encoding|user-agent|expect|te)$/

/** What belongs to the connection. */
const NOT_RETURNED = /^(?:connection|transfer-encoding|keep-alive)$/

export async function openBridge(): Promise<Bridge> {
  const exchanges = new Map<number, Exchange>()
  let lastId = 0
  let agent: ServerResponse | undefined

  const server = createServer((incoming, outgoing) => {
    const [, side, action, id] = new URL(incoming.url!, 'http://bridge').pathname.split('/')
    if (side !== '-') return forward({ incoming, outgoing })
    outgoing.setHeader('Access-Control-Allow-Origin', '*')
    if (action === 'requests') return attach(outgoing)
    const exchange = exchanges.get(Number(id))
    if (!exchange) return void outgoing.writeHead(404).end()
    const passed = action === 'body' ? sendBody(exchange, outgoing) : answer(exchange, incoming, outgoing)
    passed.catch(() => exchange.outgoing.destroy())
  })

  function attach(outgoing: ServerResponse): void {
    agent?.end()
    agent = outgoing
    outgoing.once('close', () => {
      if (agent === outgoing) agent = undefined
    })
    outgoing.writeHead(200).flushHeaders()
  }

  function forward(exchange: Exchange): void {
    const id = ++lastId
    exchanges.set(id, exchange)
    exchange.outgoing.once('close', () => exchanges.delete(id))
    if (agent) agent.write(`${JSON.stringify(describe(id, exchange.incoming))}\n`)
    else exchange.outgoing.destroy()
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${host}`,
    host,
    connect: (page) => page.evaluate(serveBridge, `http://${host}`),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The registry names itself in its answers as the client knows it. */
function describe(id: number, { method, url, headers }: IncomingMessage): BridgedRequest {
  const passed = Object.entries(headers)
    .filter(([name]) => !NOT_PASSED.test(name))
    .map(([name, value]): [string, string] => [name, String(value)])
  return {
    id,
    method: method!,
    target: url!,
    headers: [...passed, ['X-Forwarded-Host', headers.host!]],
    hasBody: headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0,
  }
}

const sendBody = ({ incoming }: Exchange, outgoing: ServerResponse): Promise<void> =>
  pipeline(incoming, outgoing)

async function answer(exchange: Exchange, incoming: IncomingMessage, receipt: ServerResponse): Promise<void> {
  const query = incoming.url!.slice(incoming.url!.indexOf('?') + 1)
  const { status, headers = [] } = JSON.parse(decodeURIComponent(query)) as BridgedHead
  const { outgoing } = exchange
  try {
    if (status === undefined) throw new Error('the page got no answer')
    for (const [name, value] of headers) if (!NOT_RETURNED.test(name)) outgoing.setHeader(name, value)
    outgoing.writeHead(status)
    await pipeline(incoming, outgoing)
  } finally {
    receipt.end()
  }
}
