/**
 * The connections of the HTTP server and their limits: how many in all and from one network, one exchange at a time, and a
 * minimum rate.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { isIPv6, type Socket } from 'node:net'
import { RATE_TIMEOUTS, type RateTimeouts, RateWatch } from './minimum-rate.ts'

/** Pipelined requests that wait for the one before: on one connection, and on all. Registry clients send none. */
const MAX_QUEUED_REQUESTS = 256
const MAX_QUEUED_REQUESTS_IN_ALL = 4096

/** For the rest of a body after the response was sent, so that the client does not lose the response. */
const LINGER_MS = 5_000

export interface ConnectionLimits {
  readonly limit: number
  readonly peraddress: number
}

export interface Connections {
  /** Runs `start` when the connection's earlier requests have been answered; never, if the client disconnects before. */
  begin(request: IncomingMessage, response: ServerResponse, start: () => void): void
}

/** Enforces the limits until the server closes. */
export function limitConnections(
  server: Server,
  { limit, peraddress }: ConnectionLimits,
  { checkInterval, ...timeouts }: RateTimeouts & { readonly checkInterval: number } = {
    ...RATE_TIMEOUTS,
    checkInterval: 5_000,
  },
): Connections {
  const open = new Map<Socket, Connection>()
  const ofNetwork = new Map<string, number>()
  const queue: Queue = { length: 0 }
  server.maxConnections = limit
  // A client that was refused can connect at its next try, if only idle connections were in the way.
  server.on('drop', () => server.closeIdleConnections())
  server.on('connection', (socket: Socket) => {
    const network = networkOf(socket.remoteAddress ?? '')
    const count = ofNetwork.get(network) ?? 0
    if (count >= peraddress) {
      server.closeIdleConnections()
      return void socket.destroy()
    }
    ofNetwork.set(network, count + 1)
    open.set(socket, new Connection(socket, queue))
    socket.once('close', () => {
      open.delete(socket)
      const rest = ofNetwork.get(network)! - 1
      if (rest > 0) ofNetwork.set(network, rest)
      else ofNetwork.delete(network)
    })
  })
  const checking = setInterval(() => {
    for (const connection of open.values()) connection.check(timeouts)
  }, checkInterval).unref()
  server.once('close', () => clearInterval(checking))
  return { begin: (request, ...exchange) => open.get(request.socket)?.begin(request, ...exchange) }
}

/** The queued requests of all connections. */
interface Queue {
  length: number
}

class Connection {
  readonly #socket: Socket
  readonly #rate: RateWatch
  readonly #queue: Queue
  /** The latest exchange, answered or not. */
  #request: IncomingMessage | undefined
  #response: ServerResponse | undefined
  #queued = 0

  constructor(socket: Socket, queue: Queue) {
    this.#socket = socket
    this.#queue = queue
    this.#rate = new RateWatch(socket)
  }

  begin(request: IncomingMessage, response: ServerResponse, start: () => void): void {
    const before = this.#response
    this.#response = response
    if (!before || before.closed) this.#begin(request, response, start)
    else this.#enqueue(before, () => this.#begin(request, response, start))
  }

  check(timeouts: RateTimeouts): void {
    if (this.#request && this.#rate.isTooSlow(this.#request, this.#response!, timeouts))
      this.#socket.destroy()
  }

  #begin(request: IncomingMessage, response: ServerResponse, start: () => void): void {
    this.#request = request
    if (hasBody(request)) response.once('finish', () => request.complete || this.#linger(request))
    start()
  }

  /** Nothing is opened or read for a request before the response to the previous one has been sent. */
  #enqueue(before: ServerResponse, start: () => void): void {
    this.#queued++
    this.#queue.length++
    before.once('close', () => {
      this.#queued--
      this.#queue.length--
      if (!this.#socket.destroyed) start()
    })
    if (this.#queued > MAX_QUEUED_REQUESTS || this.#queue.length > MAX_QUEUED_REQUESTS_IN_ALL)
      this.#socket.destroy()
  }

  #linger(request: IncomingMessage): void {
    const cut = setTimeout(() => request.complete || this.#socket.destroy(), LINGER_MS)
    this.#socket.once('close', () => clearTimeout(cut))
  }
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined ||
  (headers['content-length'] !== undefined && headers['content-length'] !== '0')

/** The address itself for IPv4, the first 64 bits for IPv6; an IPv4 address is the same however it is written. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::') as [string, string?]
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const rest = tail === '' ? [] : tail.split(':')
    while (groups.length + rest.length < 8) groups.push('0')
  }
  return `${groups.slice(0, 4).join(':')}::/64`
}
