/** Responds to the requests of other peers: one request a stream, within limits of size and time. */

import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { abortable } from '../async/abortable.ts'
import { createSemaphore, type Semaphore } from '../async/semaphore.ts'
import type { Log } from '../log.ts'
import { peerFailed } from '../oci/error.ts'
import type { PeerId } from '../swarm/ports.ts'
import { encodeFrame, readFrame } from '../swarm/protocol/frame.ts'
import {
  MAX_REQUEST_BYTES,
  MAX_REQUESTS,
  MAX_REQUESTS_PER_PEER,
  PROTOCOL,
  REQUEST_TIMEOUT_MS,
} from '../swarm/protocol/limits.ts'
import { type RequestHandler, StoredRange } from '../swarm/serve/handler.ts'
import { createReceiver, sendAll } from './stream.ts'
import { STREAM_PROTOCOL, type Traffic } from './traffic.ts'

/** Once half of all requests are taken, each peer may only have this many, so that no few peers keep out the others. */
const MAX_REQUESTS_PER_PEER_WHEN_BUSY = 8

/** Ranges that are sent to one peer at the same time. Each holds a piece of a file in memory. */
const MAX_RANGES_PER_PEER = 8

export interface ProtocolHandlerDeps {
  readonly handler: RequestHandler
  readonly traffic: Traffic
  readonly log: Log
}

export interface ProtocolHandler {
  /** From here on, this peer says that it speaks the protocol. */
  start(registrar: Pick<Libp2p, 'handle'>): Promise<void>
  /** Aborts all responses. libp2p itself closes the streams of a closing connection without an error. */
  abortAll(): void
}

/** The requests of one peer. */
interface PeerState {
  count: number
  readonly ranges: Semaphore
}

export const createProtocolHandler = (deps: ProtocolHandlerDeps): ProtocolHandler =>
  new StreamProtocolHandler(deps)

class StreamProtocolHandler implements ProtocolHandler {
  readonly #deps: ProtocolHandlerDeps
  readonly #peers = new Map<PeerId, PeerState>()
  readonly #streams = new Set<Stream>()

  constructor(deps: ProtocolHandlerDeps) {
    this.#deps = deps
  }

  async start(registrar: Pick<Libp2p, 'handle'>): Promise<void> {
    await registrar.handle(PROTOCOL, (stream, connection) => this.#handle(stream, connection), {
      // Twice as many, because streams are still counted for a while after their response has been sent.
      maxInboundStreams: 2 * MAX_REQUESTS_PER_PEER,
      maxOutboundStreams: 2 * MAX_REQUESTS_PER_PEER,
      runOnLimitedConnection: true,
    })
  }

  abortAll(): void {
    for (const stream of this.#streams) stream.abort(peerFailed('this peer is leaving the swarm'))
  }

  async #handle(stream: Stream, { remotePeer }: Connection): Promise<void> {
    const peer = remotePeer.toString()
    const state = this.#peers.get(peer) ?? { count: 0, ranges: createSemaphore(MAX_RANGES_PER_PEER) }
    const isBusy = this.#streams.size >= MAX_REQUESTS / 2
    const max = isBusy ? MAX_REQUESTS_PER_PEER_WHEN_BUSY : MAX_REQUESTS_PER_PEER
    if (state.count >= max || this.#streams.size >= MAX_REQUESTS) {
      return stream.abort(peerFailed('too many requests at once'))
    }
    state.count += 1
    this.#peers.set(peer, state)
    this.#streams.add(stream)
    try {
      await this.#respond(stream, peer, state)
    } catch (error) {
      this.#deps.log.debug('request failed', { peer, err: error })
      stream.abort(error as Error)
    } finally {
      this.#streams.delete(stream)
      state.count -= 1
      if (state.count === 0) this.#peers.delete(peer)
    }
  }

  async #respond(stream: Stream, peer: PeerId, { ranges }: PeerState): Promise<void> {
    const closed = new AbortController()
    stream.addEventListener('close', () => closed.abort(peerFailed('the peer closed the stream')))
    const request = await readRequest(stream)
    const { value, body } = await this.#deps.handler(request, peer, { signal: closed.signal })
    await sendAll(stream, once(encodeFrame({ ok: value })), () => {})
    if (body) {
      const bytes = abortable(body, closed.signal)
      const count = (sent: number) => this.#deps.traffic.add(peer, STREAM_PROTOCOL, 'sent', sent)
      const send = () => sendAll(stream, bytes, count)
      if (!(body instanceof StoredRange)) await send()
      else await ranges.run(send, closed.signal)
    }
    await end(stream)
  }
}

async function readRequest(stream: Stream): Promise<unknown> {
  const giveUp = () => stream.abort(peerFailed('the peer sent no request in time'))
  const timer = setTimeout(giveUp, REQUEST_TIMEOUT_MS)
  try {
    const receiver = createReceiver(stream, MAX_REQUEST_BYTES)
    const request = await readFrame(receiver, MAX_REQUEST_BYTES)
    receiver.read(1).then(
      (more) => more && stream.abort(peerFailed('the peer sent more than one request')),
      () => {},
    )
    return request
  } finally {
    clearTimeout(timer)
  }
}

/** A stream is gone when both sides have closed it. If the peer does not, it is aborted after a while. */
async function end(stream: Stream): Promise<void> {
  await stream.close({ signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
  if (stream.status !== 'open') return
  const timer = setTimeout(
    () => stream.abort(peerFailed('the peer does not close its stream')),
    REQUEST_TIMEOUT_MS,
  )
  stream.addEventListener('close', () => clearTimeout(timer))
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
