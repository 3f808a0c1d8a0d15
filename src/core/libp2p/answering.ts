/** Answers what other peers ask: one question a stream, read within bounds of size and time. */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { untilAborted } from '../blobs/until-aborted.ts'
import type { Log } from '../log.ts'
import { type AnswerQuestion, HeldBytes } from '../swarm/answers.ts'
import type { PeerId } from '../swarm/ports.ts'
import { PROTOCOL } from '../swarm/protocol.ts'
import { createSlots, type Slots } from '../swarm/slots.ts'
import { peerFailed } from './failure.ts'
import { encodeFrame, readFrame } from './frame.ts'
import { createReceiver } from './receiver.ts'
import { sendAll } from './sender.ts'
import { STREAM_ROAD, type Traffic } from './traffic.ts'

/** Bytes of a question. */
const MOST_QUESTION = 64 * 1024

/** Milliseconds within which a question must be here, once its stream is, and its end, once it is answered. */
const TIMEOUT = 10_000

/** Questions of one peer that are answered at the same time, over however many connections. */
const MOST_QUESTIONS = 128

/** Questions of all peers; from half of that on, those of one may only be few, so that no few peers keep out the others. */
const MOST_IN_ALL = 512
const FEW_QUESTIONS = 8

/** Ranges that are sent to one peer at the same time, each of which holds a piece of a file in memory. */
const MOST_SENDING = 8

export interface AnsweringParts {
  readonly answer: AnswerQuestion
  readonly traffic: Traffic
  readonly log: Log
}

export interface Answering {
  /** From here on this peer says that it speaks the protocol. */
  start(registrar: Pick<Libp2p, 'handle'>): Promise<void>
  /** All answers under way: where libp2p closes a connection, it ends the streams in it as if all had been said. */
  breakOff(): void
}

export function createAnswering({ answer, traffic, log }: AnsweringParts): Answering {
  const underWay = new Map<PeerId, { count: number; readonly sending: Slots }>()
  const streams = new Set<Stream>()

  async function answerOn(stream: Stream, peer: PeerId): Promise<void> {
    const closed = new AbortController()
    stream.addEventListener('close', () => closed.abort(peerFailed('the peer let go')))
    const question = await readQuestion(stream)
    const reply = await answer(question, peer, { signal: closed.signal })
    await sendAll(stream, once(encodeFrame({ ok: reply.value })), () => {})
    if (reply.body) {
      const bytes = untilAborted(reply.body, closed.signal)
      const count = (bytes: number) => traffic.add(peer, STREAM_ROAD, 'sent', bytes)
      const send = () => sendAll(stream, bytes, count)
      if (!(reply.body instanceof HeldBytes)) await send()
      else await underWay.get(peer)!.sending.hold(send, closed.signal)
    }
    await end(stream)
  }

  async function handle(stream: Stream, { remotePeer }: Connection): Promise<void> {
    const peer = remotePeer.toString()
    const asked = underWay.get(peer) ?? { count: 0, sending: createSlots(MOST_SENDING) }
    const most = streams.size < MOST_IN_ALL / 2 ? MOST_QUESTIONS : FEW_QUESTIONS
    if (asked.count >= most || streams.size >= MOST_IN_ALL) {
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
        maxInboundStreams: 2 * MOST_QUESTIONS,
        maxOutboundStreams: 2 * MOST_QUESTIONS,
        runOnLimitedConnection: true,
      }),
    breakOff() {
      for (const stream of streams) stream.abort(peerFailed('this peer leaves'))
    },
  }
}

async function readQuestion(stream: Stream): Promise<unknown> {
  const timer = setTimeout(() => stream.abort(peerFailed('no question in time')), TIMEOUT)
  try {
    const receiver = createReceiver(stream, MOST_QUESTION)
    const question = await readFrame(receiver, MOST_QUESTION)
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
  await stream.close({ signal: AbortSignal.timeout(TIMEOUT) })
  if (stream.status !== 'open') return
  const timer = setTimeout(() => stream.abort(peerFailed('the peer does not end its stream')), TIMEOUT)
  stream.addEventListener('close', () => clearTimeout(timer))
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
