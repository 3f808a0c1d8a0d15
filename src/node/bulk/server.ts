/** The bulk server: ranges of shared blobs by HTTPS, for peers that can reach this host. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createSemaphore } from '../../core/async/semaphore.ts'
import { emptyResponse, type RegistryResponse } from '../../core/http/message.ts'
import type { Log } from '../../core/log.ts'
import { RegistryError } from '../../core/oci/error.ts'
import type { PeerId } from '../../core/swarm/ports.ts'
import type { Offer } from '../../core/swarm/protocol/messages.ts'
import { breakOff, send } from '../http/send.ts'
import { createCertificate } from './certificate.ts'
import { createConnectionLimit } from './connection-limit.ts'
import { answer, requireHolder, type SharedBlobs } from './handler.ts'
import type { Tickets } from './tickets.ts'
import { TLS } from './tls.ts'

export interface BulkOptions {
  /** All interfaces where it is absent. */
  readonly host?: string
  /** 0 for any that is free. */
  readonly port: number
  readonly blobs: SharedBlobs
  readonly tickets: Tickets
  readonly log: Log
  /** Told of every response that was sent to its end. */
  readonly onSent?: (peer: PeerId, bytes: number) => void
  /** Milliseconds that a reader may take nothing. */
  readonly idleTimeout?: number
}

export interface BulkServer {
  readonly port: number
  /** The fingerprint of its certificate: sha-256, in hexadecimal. */
  readonly certificate: string
  offerFor(peer: PeerId): NonNullable<Offer['http']>
  /** Cuts what is under way: peers go on elsewhere. */
  close(): Promise<void>
}

const MAX_CONNECTIONS = 256
const MAX_CONNECTIONS_OF_PEER = 16

/** Whoever has not said yet who he is counts by his address, behind which there may be many. */
const MAX_CONNECTIONS_OF_ADDRESS = 128

/** Responses under way, each with two pieces of 2 MiB; the others wait. */
const MAX_RESPONSES = 32

const TIMEOUTS: ServerOptions = {
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 5000, // of the two in the middle, which a connection may exceed by so much
}

export async function openBulkServer(options: BulkOptions): Promise<BulkServer> {
  const { host, port, tickets, idleTimeout = 30_000 } = options
  const { key, certificate, fingerprint } = await createCertificate()
  const server = createServer({ ...TLS, ...TIMEOUTS, key, cert: certificate }, createHandler(options))
  server.setTimeout(idleTimeout)
  server.maxConnections = MAX_CONNECTIONS
  const mayEnter = createConnectionLimit(MAX_CONNECTIONS_OF_ADDRESS)
  server.on('connection', (socket: Socket) => {
    if (!mayEnter(socket.remoteAddress ?? '', socket)) socket.destroy()
  })
  const close = closer(server)
  server.listen({ port, ...(host !== undefined && { host }) })
  await once(server, 'listening')
  const { port: actual } = server.address() as AddressInfo
  return {
    port: actual,
    certificate: fingerprint,
    offerFor: (peer) => ({ port: actual, certificate: fingerprint, ticket: tickets.issue(peer) }),
    close,
  }
}

function createHandler({ blobs, tickets, log, onSent }: BulkOptions) {
  const slots = createSemaphore(MAX_RESPONSES)
  const mayConnect = createConnectionLimit(MAX_CONNECTIONS_OF_PEER)

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const peer = requireHolder(request, tickets)
    if (!mayConnect(peer, request.socket)) throw new RegistryError('TOOMANYREQUESTS')
    using _slot = await slots.acquire()
    const found = await answer(request, blobs)
    await send(response, found)
    onSent?.(peer, Number(found.headers['Content-Length']))
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await serve(request, response)
    } catch (error) {
      if (!response.headersSent) return refuse(response, error, log)
      breakOff(response, error, log)
    }
  }
}

/** Without a body: peers are programs. The connection ends with it. */
function refuse(response: ServerResponse, error: unknown, log: Log): void {
  const { status, headers } = refusal(error, log)
  response.writeHead(status, { ...headers, Connection: 'close' } as Record<string, string>).end()
}

function refusal(error: unknown, log: Log): RegistryResponse {
  if (error instanceof RegistryError) return emptyResponse(error.status, error.headers)
  log.error('request of a peer failed', { err: error })
  return emptyResponse(500)
}

/** Also cuts connections whose handshake is not done, of which Node's server does not know yet. */
function closer(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
}
