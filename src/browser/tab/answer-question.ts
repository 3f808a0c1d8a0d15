/**
 * Answers one question of the service worker: puts it to the peer and hands the bytes over, no faster than the worker
 * reads them.
 */

import { abortable, orAborted } from '../../core/async/abortable.ts'
import { createNotifier } from '../../core/async/notifier.ts'
import type { Bytes } from '../../core/blobs/ports.ts'
import type { Network, PeerId } from '../../core/swarm/ports.ts'
import { type Answer, controlSchema, PIECE, versioned, WINDOW } from '../tab-protocol.ts'

export interface AskedQuestion {
  readonly peer: PeerId
  readonly question: unknown
  readonly port: MessagePort
}

/** Never rejects. @param ending - aborts when this tab leads no more */
export async function answerQuestion(
  network: Pick<Network, 'request'>,
  { peer, question, port }: AskedQuestion,
  ending: AbortSignal,
): Promise<void> {
  const cancelled = new AbortController()
  const signal = AbortSignal.any([cancelled.signal, ending])
  const credit = createCredit(signal)
  const say = (answer: Answer, transfer: Transferable[] = []): void => port.postMessage(answer, transfer)
  port.onmessage = ({ data }) => {
    const control = controlSchema.safeParse(data).data
    if (control?.type === 'read') credit.add(control.bytes)
    if (control?.type === 'cancel') cancelled.abort(new Error('no longer wanted'))
  }
  try {
    const { value, bytes } = await network.request(peer, question, { signal })
    say(versioned<Answer>({ type: 'value', value }))
    for await (const piece of piecesOf(abortable(bytes, signal))) {
      await credit.take(piece.byteLength)
      say(versioned<Answer>({ type: 'bytes', bytes: piece }), [piece])
    }
    say(versioned<Answer>({ type: 'end' }))
  } catch (error) {
    // A tab that leaves says nothing: the worker sees that it is gone, and puts the question to the next one.
    if (!ending.aborted) say(versioned<Answer>({ type: 'error', message: String(error).slice(0, 4096) }))
  } finally {
    port.close()
  }
}

/** In memory of their own, as it goes away with them. */
async function* piecesOf(bytes: Bytes): AsyncGenerator<ArrayBuffer> {
  for await (const chunk of bytes) {
    for (let start = 0; start < chunk.byteLength; start += PIECE) {
      yield chunk.slice(start, start + PIECE).buffer as ArrayBuffer
    }
  }
}

function createCredit(signal: AbortSignal) {
  const notifier = createNotifier()
  let credit = WINDOW
  return {
    add(bytes: number) {
      credit += bytes
      notifier.notify()
    },
    /** Waits until so much is there; what is more than a window needs but a whole one. */
    async take(bytes: number) {
      while (credit < bytes) await orAborted(notifier.wait(), signal)
      credit -= bytes
    },
  }
}
