/** One question to a peer by HTTP, answered as on a stream of libp2p: a frame, and for some the bytes after it. */

import type { Bytes } from '../../../core/blobs/ports.ts'
import { peerFailed } from '../../../core/oci/error.ts'
import type { Response } from '../../../core/swarm/ports.ts'
import { readAnswer } from '../../../core/swarm/protocol/frame.ts'
import { type BodyReceiver, createBodyReceiver } from './body-receiver.ts'

export interface HttpQuestion {
  /** Of the peer, such as `https://peer.example`. */
  readonly url: string
  readonly question: unknown
  /** Ends it at any time, also while its bytes come. */
  readonly signal: AbortSignal
  /** Told of the bytes after the frame. */
  onReceived(bytes: number): void
}

/** @throws UNAVAILABLE where the peer fails, also from the bytes; the signal's reason */
export async function askByHttp({ url, question, signal, onReceived }: HttpQuestion): Promise<Response> {
  signal.throwIfAborted()
  const broken = (error: unknown): never => {
    signal.throwIfAborted()
    throw peerFailed(`${url} does not answer`, error)
  }
  const { headers, status, body } = await fetch(`${url}/flotilla/ask`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(question),
    signal,
    ...QUIETLY,
  }).catch(broken)
  if (status !== 200 || !body) {
    void body?.cancel().catch(() => {})
    throw peerFailed(`${url} answers with status ${status}`)
  }
  const length = headers.get('content-length')
  const receiver = createBodyReceiver(body, length === null ? undefined : Number(length))
  const value = await readAnswer(receiver).catch(broken)
  return { value, bytes: bytesOf(receiver, onReceived, broken) }
}

/**
 * No peer sends us elsewhere, and none is told which page asks. Without `no-store`, which the peer says itself: with
 * it, Chromium would ask for leave before each question.
 */
export const QUIETLY = { redirect: 'error', referrerPolicy: 'no-referrer' } as const

/** An iterator by hand: letting go must work before the first chunk and during one, which a generator does not notice. */
function bytesOf(
  { readLeaf, letGo }: BodyReceiver,
  onReceived: (bytes: number) => void,
  broken: (error: unknown) => never,
): Bytes {
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const value = await readLeaf().catch(broken)
      onReceived(value?.byteLength ?? 0)
      return value ? { done: false, value } : { done: true, value: undefined }
    },
    async return() {
      letGo()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}
