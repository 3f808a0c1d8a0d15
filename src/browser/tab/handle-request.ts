/** Forwards one request of the service worker to a peer, and the bytes back no faster than the worker reads them. */

import { abortable, raceSignal } from '../../core/async/abortable.ts'
import { createNotifier } from '../../core/async/notifier.ts'
import type { Bytes } from '../../core/blobs/ports.ts'
import type { Network, PeerId } from '../../core/swarm/ports.ts'
import {
  controlSchema,
  MAX_CHUNK_BYTES,
  type ResponseMessage,
  versioned,
  WINDOW_BYTES,
} from '../tab-protocol.ts'

export interface ForwardedRequest {
  readonly peer: PeerId
  readonly question: unknown
  readonly port: MessagePort
}

/** Never rejects. @param ending - aborts when this tab stops leading */
export async function handleRequest(
  network: Pick<Network, 'request'>,
  { peer, question, port }: ForwardedRequest,
  ending: AbortSignal,
): Promise<void> {
  const cancelled = new AbortController()
  const signal = AbortSignal.any([cancelled.signal, ending])
  const credit = createCredit(signal)
  const post = (message: ResponseMessage, transfer: Transferable[] = []): void =>
    port.postMessage(message, transfer)
  port.onmessage = ({ data }) => {
    const control = controlSchema.safeParse(data).data
    if (control?.type === 'read') credit.add(control.bytes)
    if (control?.type === 'cancel') cancelled.abort(new Error('the service worker cancelled the request'))
  }
  try {
    const { value, bytes } = await network.request(peer, question, { signal })
    post(versioned<ResponseMessage>({ type: 'value', value }))
    for await (const chunk of chunksOf(abortable(bytes, signal))) {
      await credit.take(chunk.byteLength)
      post(versioned<ResponseMessage>({ type: 'bytes', bytes: chunk }), [chunk])
    }
    post(versioned<ResponseMessage>({ type: 'end' }))
  } catch (error) {
    // A tab that stops leading sends no error: the worker notices that it is gone, and sends the request to the next.
    if (!ending.aborted)
      post(versioned<ResponseMessage>({ type: 'error', message: String(error).slice(0, 4096) }))
  } finally {
    port.close()
  }
}

/** Copies the bytes into their own buffers, because sending a buffer detaches it. */
async function* chunksOf(bytes: Bytes): AsyncGenerator<ArrayBuffer> {
  for await (const chunk of bytes) {
    for (let start = 0; start < chunk.byteLength; start += MAX_CHUNK_BYTES) {
      yield chunk.slice(start, start + MAX_CHUNK_BYTES).buffer as ArrayBuffer
    }
  }
}

function createCredit(signal: AbortSignal) {
  const notifier = createNotifier()
  let credit = WINDOW_BYTES
  return {
    add(bytes: number) {
      credit += bytes
      notifier.notify()
    },
    /** Waits until the reader has credited enough bytes. */
    async take(bytes: number) {
      while (credit < bytes) await raceSignal(notifier.wait(), signal)
      credit -= bytes
    },
  }
}
