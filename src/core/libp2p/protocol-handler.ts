/** Answers what other peers ask: one question a stream, read within bounds of size and time. */

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
import { createReceiver } from './receiver.ts'
import { sendAll } from './sender.ts'
import { STREAM_PROTOCOL, type Traffic } from './traffic.ts'

/** From half of all requests on, those of one peer may only be few, so that no few peers keep out the others. */
const FEW_REQUESTS = 8

/** Ranges that are sent to one peer at the same time, each of which holds a piece of a file in memory. */
const MAX_SENDING = 8

export interface ProtocolHandlerDeps {
  readonly answer: RequestHandler
  readonly traffic: Traffic
  readonly log: Log
}

export interface ProtocolHandler {
  /** From here on this peer says that it speaks the protocol. */
  start(registrar: Pick<Libp2p, 'handle'>): Promise<void>
  /** All answers under way: where libp2p closes a connection, it ends the streams in it as if all had been said. */
  breakOff(): void
}

export function createProtocolHandler({ answer, traffic, log }: ProtocolHandlerDeps): ProtocolHandler {
  const underWay = new Map<PeerId, { count: number; readonly sending: Semaphore }>()
  const streams = new Set<Stream>()

  async function answerOn(stream: Stream, peer: PeerId): Promise<void> {
    const closed = new AbortController()
    stream.addEventListener('close', () => closed.abort(peerFailed('the peer let go')))
    const question = await readQuestion(stream)
    const reply = await answer(question, peer, { signal: closed.signal })
    await sendAll(stream, once(encodeFrame({ ok: reply.value })), () => {})
    if (reply.body) {
      const bytes = abortable(reply.body, closed.signal)
      const count = (bytes: number) => traffic.add(peer, STREAM_PROTOCOL, 'sent', bytes)
      const send = () => sendAll(stream, bytes, count)
      if (!(reply.body instanceof StoredRange)) await send()
      else await underWay.get(peer)!.sending.run(send, closed.signal)
    }
    await end(stream)
  }

  async function handle(stream: Stream, { remotePeer }: Connection): Promise<void> {
    const peer = remotePeer.toString()
    const asked = underWay.get(peer) ?? { count: 0, sending: createSemaphore(MAX_SENDING) }
    const most = streams.size < MAX_REQUESTS / 2 ? MAX_REQUESTS_PER_PEER : FEW_REQUESTS
    if (asked.count >= most || streams.size >= MAX_REQUESTS) {
      return stream.abort(peerFailed('too many questions at once'))
    }
    asked.count += 1
    underWay.set(peer, asked)
    streams.add(stream)
    try {
      await answerOn(stream, peer)
    } catch (error) {
      log.debug('question not answered', { peer, err: error })
      stream.abort(error as Error)
    } finally {
      streams.delete(stream)
      asked.count -= 1
      if (asked.count === 0) underWay.delete(peer)
    }
  }

  return {
    start: (registrar) =>
      registrar.handle(PROTOCOL, handle, {
        // Among them are streams that are not gone yet, though their question is answered.
        maxInboundStreams: 2 * MAX_REQUESTS_PER_PEER,
        maxOutboundStreams: 2 * MAX_REQUESTS_PER_PEER,
        runOnLimitedConnection: true,
      }),
    breakOff() {
      for (const stream of streams) stream.abort(peerFailed('this peer leaves'))
    },
  }
}

async function readQuestion(stream: Stream): Promise<unknown> {
  const timer = setTimeout(() => stream.abort(peerFailed('no question in time')), REQUEST_TIMEOUT_MS)
  try {
    const receiver = createReceiver(stream, MAX_REQUEST_BYTES)
    const question = await readFrame(receiver, MAX_REQUEST_BYTES)
    receiver.read(1).then(
      (more) => more && stream.abort(peerFailed('the peer sent more than a question')),
      () => {},
    )
    return question
  } finally {
    clearTimeout(timer)
  }
}

/** A stream is gone when both sides have ended it; one that only this side has ended is not kept for long. */
async function end(stream: Stream): Promise<void> {
  await stream.close({ signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
  if (stream.status !== 'open') return
  const timer = setTimeout(
    () => stream.abort(peerFailed('the peer does not end its stream')),
    REQUEST_TIMEOUT_MS,
  )
  stream.addEventListener('close', () => clearTimeout(timer))
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
