/**
 * WebSockets as a transport, with a doorkeeper. Apart from the library because that one takes pages of every origin, and
 * keeps sockets that never say anything: its HTTP server does not listen by itself, so its timeouts do not run.
 */
import type { IncomingMessage } from 'node:http'
import type { Server, Socket } from 'node:net'
import type { Listener, Transport } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import type { Config } from '../../core/config.ts'
import { createOrigins } from '../../core/http/origins.ts'
import type { Libp2pParts } from '../../core/libp2p/options.ts'
import { createPendingSockets, type PendingSockets } from './pending-sockets.ts'

/** As many as libp2p lets wait for their handshake, which comes next and has ten seconds of its own. */
const LIMITS = { most: 64, mostOfAddress: 16, timeout: 10_000 }

/** What is needed of the library's listener, of which its types tell nothing. */
interface Door extends Listener {
  server: Server
  onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void
}

/** @param origin - of the page that asks; a program, which is no browser, has none */
type MayEnter = (origin: string | undefined) => boolean

export function webSocketDoor({ http }: Pick<Config, 'http'>): Libp2pParts['transports'][number] {
  const mayEnter = createEntryRule(http)
  return (components) => {
    const transport: Transport = webSockets()(components)
    const createListener = transport.createListener.bind(transport)
    const pending = createPendingSockets(LIMITS)
    transport.createListener = (options) => guard(createListener(options), mayEnter, pending)
    return transport
  }
}

/**
 * Pages that may read, as by HTTP: browsers let a page of any origin try (WebSockets are not under CORS), and one that gets
 * in is a full peer. Never compared with `Host`, as both name the attacker where a name was rebound to this address.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-10.2
 */
export function createEntryRule(http: Pick<Config['http'], 'cors' | 'host' | 'hosts'>): MayEnter {
  const { mayRead } = createOrigins(http)
  const own = http.host === undefined ? undefined : new URL(http.host).origin
  return (origin) => origin === undefined || origin === own || mayRead(origin)
}

/** @throws Error where the library is made otherwise now: better no door than one without a keeper */
function guard(listener: Listener, mayEnter: MayEnter, pending: PendingSockets): Listener {
  const door = listener as Door
  const { server, onUpgrade } = door
  if (!server || !onUpgrade) throw new Error('the listener of @libp2p/websockets cannot be guarded')
  server.on('connection', pending.add)
  door.onUpgrade = (request, socket, head) => {
    if (!mayEnter(request.headers.origin)) return refuse(socket)
    pending.settle(socket)
    onUpgrade.call(door, request, socket, head)
  }
  return door
}

function refuse(socket: Socket): void {
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}
