/**
 * WebSockets as a transport. It guards the library's listener, which accepts pages of every origin and keeps silent sockets
 * open: its HTTP server doesn't listen itself, so its timeouts don't apply.
 */
import type { IncomingMessage } from 'node:http'
import type { Server, Socket } from 'node:net'
import type { Listener, Transport } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import type { Config } from '../../core/config.ts'
import { createOrigins } from '../../core/http/origins.ts'
import type { Libp2pInit } from '../../core/libp2p/options.ts'

/** As for libp2p's handshake, which comes next and has another ten seconds. */
const LIMITS: PendingLimits = { maxSockets: 64, maxPerAddress: 16, timeoutMs: 10_000 }

/** Members of the library's listener that its types lack. */
interface WebSocketListener extends Listener {
  server: Server
  onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void
}

/** @param origin - of the page that connects; programs other than browsers send none */
type MayConnect = (origin: string | undefined) => boolean

export function guardedWebSockets({ http }: Pick<Config, 'http'>): Libp2pInit['transports'][number] {
  const mayConnect = createOriginRule(http)
  return (components) => {
    const transport: Transport = webSockets()(components)
    const createListener = transport.createListener.bind(transport)
    const pending = createPendingSockets(LIMITS)
    transport.createListener = (options) => guard(createListener(options), mayConnect, pending)
    return transport
  }
}

/**
 * The same pages that may read by HTTP. Browsers let pages of any origin connect, because CORS doesn't apply to WebSockets,
 * and a connected page is a full peer. The origin isn't compared with `Host`, because after DNS rebinding both name the
 * attacker.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-10.2
 */
export function createOriginRule(http: Pick<Config['http'], 'cors' | 'host' | 'hosts'>): MayConnect {
  const { mayRead } = createOrigins(http)
  const own = http.host === undefined ? undefined : new URL(http.host).origin
  return (origin) => origin === undefined || origin === own || mayRead(origin)
}

/** @throws Error if the library has changed: no listener is better than one without a guard */
function guard(listener: Listener, mayConnect: MayConnect, pending: PendingSockets): Listener {
  const webSockets = listener as WebSocketListener
  const { server, onUpgrade } = webSockets
  if (!server || !onUpgrade)
    throw new Error('the listener of @libp2p/websockets cannot be guarded: its version is not supported')
  server.on('connection', pending.add)
  webSockets.onUpgrade = (request, socket, head) => {
    if (!mayConnect(request.headers.origin)) return refuse(socket)
    pending.release(socket)
    onUpgrade.call(webSockets, request, socket, head)
  }
  return webSockets
}

function refuse(socket: Socket): void {
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}

/**
 * Sockets that haven't shown yet that a peer is behind them. Their number and time are limited; if there are too many, the
 * oldest is closed, so that idle sockets keep nobody out.
 */
interface PendingSockets {
  add(socket: Socket): void
  /** Stops tracking a socket that libp2p has taken over. */
  release(socket: Socket): void
}

interface PendingLimits {
  readonly maxSockets: number
  readonly maxPerAddress: number
  readonly timeoutMs: number
}

function createPendingSockets({ maxSockets, maxPerAddress, timeoutMs }: PendingLimits): PendingSockets {
  const pending = new Map<Socket, { readonly address: string; readonly timer: NodeJS.Timeout }>()

  function release(socket: Socket): void {
    clearTimeout(pending.get(socket)?.timer)
    pending.delete(socket)
  }

  function makeRoom(address: string): void {
    const ofAddress = [...pending].filter(([, entry]) => entry.address === address)
    const [oldest] = ofAddress.length >= maxPerAddress ? ofAddress : pending.size >= maxSockets ? pending : []
    oldest?.[0].destroy()
    if (oldest) release(oldest[0])
  }

  return {
    add(socket) {
      const address = socket.remoteAddress ?? ''
      makeRoom(address)
      pending.set(socket, { address, timer: setTimeout(() => socket.destroy(), timeoutMs) })
      socket.once('close', () => release(socket))
    },
    release,
  }
}
