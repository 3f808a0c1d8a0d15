/** One question on its way through the leading tab: a port of its own, on which the answer comes as fast as it is read. */

import { createNotifier } from '../../../core/async/notifier.ts'
import { peerFailed } from '../../../core/oci/error.ts'
import type { PeerId } from '../../../core/swarm/ports.ts'
import { answerSchema, type Control, type ToTab, versioned, WINDOW } from '../../tab-protocol.ts'
import type { Leader } from './leader.ts'

export interface PutQuestion {
  readonly peer: PeerId
  readonly question: unknown
  /** Ends it at any time, also while its bytes come. */
  readonly signal: AbortSignal
}

export interface PutReply {
  readonly value: unknown
  /** The next bytes, handed over; `undefined` after the last. One call at a time. */
  read(): Promise<Uint8Array | undefined>
}

/** @throws UNAVAILABLE where the peer fails or the leader goes, also from `read`; the signal's reason */
export async function putQuestion(leader: Leader, asked: PutQuestion): Promise<PutReply> {
  const { peer, question, signal } = asked
  signal.throwIfAborted()
  const { port1, port2 } = new MessageChannel()
  const { value, read, over } = receive(port1, AbortSignal.any([signal, leader.gone]))
  leader.attend(over)
  leader.post(versioned<ToTab>({ type: 'question', peer, question }), [port2])
  return { value: await value, read }
}

function receive(port: MessagePort, ending: AbortSignal) {
  const value = Promise.withResolvers<unknown>()
  const over = Promise.withResolvers<void>()
  const notifier = createNotifier()
  const waiting: Uint8Array[] = []
  let hasEnded = false
  let failure: { readonly error: unknown } | undefined
  /** Bytes that were read and not told of. */
  let untold = 0

  const say = (control: Control): void => port.postMessage(control)
  const end = (): void => {
    hasEnded = true
    ending.removeEventListener('abort', onAbort)
    port.onmessage = null
    port.close()
    over.resolve()
    notifier.notify()
  }
  const fail = (error: unknown): void => {
    failure = { error }
    waiting.length = 0
    value.reject(error)
    end()
  }
  const onAbort = (): void => {
    say(versioned<Control>({ type: 'cancel' }))
    fail(ending.reason)
  }

  port.onmessage = ({ data }) => {
    const answer = answerSchema.safeParse(data).data
    if (answer?.type === 'value') value.resolve(answer.value)
    else if (answer?.type === 'bytes') waiting.push(new Uint8Array(answer.bytes))
    else if (answer?.type === 'end') end()
    else fail(peerFailed(answer?.message ?? 'the tab speaks another language'))
    notifier.notify()
  }
  value.promise.catch(() => {}) // it may fail when nobody waits for it any more
  ending.addEventListener('abort', onAbort)
  if (ending.aborted) onAbort()

  async function read(): Promise<Uint8Array | undefined> {
    while (waiting.length === 0 && !hasEnded) await notifier.wait()
    if (failure) throw failure.error
    const chunk = waiting.shift()
    untold += chunk?.byteLength ?? 0
    if (!hasEnded && untold >= WINDOW / 2) {
      say(versioned<Control>({ type: 'read', bytes: untold }))
      untold = 0
    }
    return chunk
  }

  return { value: value.promise, read, over: over.promise }
}
