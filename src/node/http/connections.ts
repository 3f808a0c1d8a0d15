/**
 * The connections of the HTTP server, and what each may take: so many in all and from one network, one exchange after
 * another, and a least pace.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { networkOf } from './network.ts'
import { PATIENCE, Pace, type Patience } from './pace.ts'

/** Requests that may wait behind the one that is answered: on one connection, on all. Registry clients send none. */
const MAX_WAITING = 256
const MAX_WAITING_OF_ALL = 4096

/** Milliseconds that the rest of a body may take to come when its answer is out, so that the answer is not lost. */
const LINGER = 5_000

export interface ConnectionLimits {
  readonly limit: number
  readonly peraddress: number
}

export interface Connections {
  /** Runs `start` when the connection's earlier requests have been answered; never, where the client has gone by then. */
  begin(request: IncomingMessage, response: ServerResponse, start: () => void): void
}

/** Holds the server to the limits for as long as it is open. */
export function limitConnections(
  server: Server,
  { limit, peraddress }: ConnectionLimits,
  { lookInterval, ...patience }: Patience & { readonly lookInterval: number } = {
    ...PATIENCE,
    lookInterval: 5_000,
  },
): Connections {
  const open = new Map<Socket, Connection>()
  const ofNetwork = new Map<string, number>()
  const line: Line = { length: 0 }
  server.maxConnections = limit
  // Whoever is turned away finds a place at the next try, if only idle connections were in the way.
  server.on('drop', () => server.closeIdleConnections())
  server.on('connection', (socket: Socket) => {
    const network = networkOf(socket.remoteAddress ?? '')
    const count = ofNetwork.get(network) ?? 0
    if (count >= peraddress) {
      server.closeIdleConnections()
      return void socket.destroy()
    }
    ofNetwork.set(network, count + 1)
    open.set(socket, new Connection(socket, line))
    socket.once('close', () => {
      open.delete(socket)
      const rest = ofNetwork.get(network)! - 1
      if (rest > 0) ofNetwork.set(network, rest)
      else ofNetwork.delete(network)
    })
  })
  const looking = setInterval(() => {
    for (const connection of open.values()) connection.look(patience)
  }, lookInterval).unref()
  server.once('close', () => clearInterval(looking))
  return { begin: (request, ...exchange) => open.get(request.socket)?.begin(request, ...exchange) }
}

/** All requests that wait, on whatever connection. */
interface Line {
  length: number
}

class Connection {
  readonly #socket: Socket
  readonly #pace: Pace
  readonly #line: Line
  /** The latest exchange, answered or not. */
  #request: IncomingMessage | undefined
  #response: ServerResponse | undefined
  #waiting = 0

  constructor(socket: Socket, line: Line) {
    this.#socket = socket
    this.#line = line
    this.#pace = new Pace(socket)
  }

  begin(request: IncomingMessage, response: ServerResponse, start: () => void): void {
    const before = this.#response
    this.#response = response
    if (!before || before.closed) this.#begin(request, response, start)
    else this.#queue(before, () => this.#begin(request, response, start))
  }

  look(patience: Patience): void {
    if (this.#request && this.#pace.isTooSlow(this.#request, this.#response!, patience))
      this.#socket.destroy()
  }

  #begin(request: IncomingMessage, response: ServerResponse, start: () => void): void {
    this.#request = request
    if (hasBody(request)) response.once('finish', () => request.complete || this.#linger(request))
    start()
  }

  /** Nothing is opened or read for a request before the answer to the last one is out. */
  #queue(before: ServerResponse, start: () => void): void {
    this.#waiting++
    this.#line.length++
    before.once('close', () => {
      this.#waiting--
      this.#line.length--
      if (!this.#socket.destroyed) start()
    })
    if (this.#waiting > MAX_WAITING || this.#line.length > MAX_WAITING_OF_ALL) this.#socket.destroy()
  }

  #linger(request: IncomingMessage): void {
    const cut = setTimeout(() => request.complete || this.#socket.destroy(), LINGER)
    this.#socket.once('close', () => clearTimeout(cut))
  }
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined ||
  (headers['content-length'] !== undefined && headers['content-length'] !== '0')
