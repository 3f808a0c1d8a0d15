/** The bulk server: serves ranges of shared blobs by HTTPS to peers that can reach this host. */

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
import { respond } from '../http/respond.ts'
import { createCertificate, TLS } from './certificate.ts'
import { handle, requirePeer, type SharedBlobs } from './handler.ts'
import type { Tickets } from './tickets.ts'

export interface BulkOptions {
  /** Default: all interfaces. */
  readonly host?: string
  /** 0 for any free port. */
  readonly port: number
  readonly blobs: SharedBlobs
  readonly tickets: Tickets
  readonly log: Log
  /** Called for every response that was sent completely. */
  readonly onSent?: (peer: PeerId, bytes: number) => void
  /** Milliseconds after which a connection without traffic is closed. */
  readonly idleTimeout?: number
}

export interface BulkServer {
  readonly port: number
  /** The fingerprint of its certificate: sha-256, in hexadecimal. */
  readonly certificate: string
  offerFor(peer: PeerId): NonNullable<Offer['http']>
  /** Also cuts responses that are under way; peers then use other sources. */
  close(): Promise<void>
}

const MAX_CONNECTIONS = 256
const MAX_CONNECTIONS_PER_PEER = 16

/** Before a ticket identifies the peer, its address counts; several peers may share one. */
const MAX_CONNECTIONS_PER_ADDRESS = 128

/** Responses at once, each with two buffers of 2 MiB; other requests wait. */
const MAX_RESPONSES = 32

const TIMEOUTS: ServerOptions = {
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 5000, // headersTimeout and requestTimeout may be exceeded by this much
}

export async function openBulkServer(options: BulkOptions): Promise<BulkServer> {
  const { host, port, tickets, idleTimeout = 30_000 } = options
  const { key, certificate, fingerprint } = await createCertificate()
  const server = createServer({ ...TLS, ...TIMEOUTS, key, cert: certificate }, createHandler(options))
  server.setTimeout(idleTimeout)
  server.maxConnections = MAX_CONNECTIONS
  const mayConnectFrom = createConnectionLimit(MAX_CONNECTIONS_PER_ADDRESS)
  server.on('connection', (socket: Socket) => {
    if (!mayConnectFrom(socket.remoteAddress ?? '', socket)) socket.destroy()
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
  const mayConnect = createConnectionLimit(MAX_CONNECTIONS_PER_PEER)

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    using held = new DisposableStack()
    let served: { readonly peer: PeerId; readonly bytes: number } | undefined
    const respondTo = async (): Promise<RegistryResponse> => {
      try {
        const peer = requirePeer(request, tickets)
        if (!mayConnect(peer, request.socket)) throw new RegistryError('TOOMANYREQUESTS')
        held.use(await slots.acquire())
        const found = await handle(request, blobs)
        served = { peer, bytes: Number(found.headers['Content-Length']) }
        return found
      } catch (error) {
        return refusal(error, log)
      }
    }
    const isSent = await respond(response, respondTo, log)
    if (isSent && served) onSent?.(served.peer, served.bytes)
  }
}

/** Without a body, because peers are programs. The connection ends with it. */
function refusal(error: unknown, log: Log): RegistryResponse {
  if (error instanceof RegistryError)
    return emptyResponse(error.status, { ...error.headers, Connection: 'close' })
  log.error('request of a peer failed', { err: error })
  return emptyResponse(500, { Connection: 'close' })
}

/** Also closes connections during their handshake, which Node's server doesn't know yet. */
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

/** Counts a connection of a peer or address; `false` if that already has as many as it may. */
type ConnectionLimit = (owner: string, socket: Socket) => boolean

function createConnectionLimit(max: number): ConnectionLimit {
  const held = new Map<string, Set<Socket>>()

  function leave(owner: string, socket: Socket): void {
    const sockets = held.get(owner)!
    sockets.delete(socket)
    if (sockets.size === 0) held.delete(owner)
  }

  return (owner, socket) => {
    const sockets = held.get(owner) ?? new Set()
    if (sockets.has(socket)) return true
    if (sockets.size === max || socket.destroyed) return false
    held.set(owner, sockets.add(socket))
    socket.once('close', () => leave(owner, socket))
    return true
  }
}
