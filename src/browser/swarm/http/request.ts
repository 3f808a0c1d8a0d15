/** One request to a peer by HTTP. Its response is that of a libp2p stream: a frame, and for some requests bytes after it. */

import { raceSignal } from '../../../core/async/abortable.ts'
import type { Bytes } from '../../../core/blobs/ports.ts'
import { leafCount } from '../../../core/leaf.ts'
import type { Digest } from '../../../core/oci/digest.ts'
import { peerFailed } from '../../../core/oci/error.ts'
import type { PeerResponse } from '../../../core/swarm/ports.ts'
import { cancel as cancelBytes } from '../../../core/swarm/protocol/client.ts'
import { readResponse } from '../../../core/swarm/protocol/frame.ts'
import {
  haveResponseSchema,
  type PeerRequest,
  type SlotResponse,
} from '../../../core/swarm/protocol/messages.ts'
import { LEAF_COUNT_BYTES } from '../../../core/swarm/serve/slots.ts'
import { type BodyReceiver, createBodyReceiver } from './body-receiver.ts'

export interface HttpRequest {
  /** The peer's URL, such as `https://peer.example`. */
  readonly url: string
  readonly request: unknown
  /** Cancels the request at any time, also while its bytes come. */
  readonly signal: AbortSignal
  /** Called with the number of bytes received after the frame. */
  onReceived(bytes: number): void
}

/** @throws UNAVAILABLE if the peer fails, also from the bytes; the signal's reason */
export async function requestByHttp({
  url,
  request,
  signal,
  onReceived,
}: HttpRequest): Promise<PeerResponse> {
  signal.throwIfAborted()
  const fail = (error: unknown): never => {
    signal.throwIfAborted()
    throw peerFailed(`${url} does not answer`, error)
  }
  const { headers, status, body } = await fetch(`${url}/flotilla/ask`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(request),
    signal,
    ...PEER_FETCH,
  }).catch(fail)
  if (status !== 200 || !body) {
    void body?.cancel().catch(() => {})
    throw peerFailed(`${url} answers with status ${status}`)
  }
  const length = headers.get('content-length')
  const receiver = createBodyReceiver(body, length === null ? undefined : Number(length))
  const value = await readResponse(receiver).catch(fail)
  return { value, bytes: bytesOf(receiver, onReceived, fail) }
}

/**
 * Follows no redirect and sends no referrer. It does not set `no-store`, because Chromium would then send a preflight
 * before each request; the peer's response has that header instead.
 */
export const PEER_FETCH = { redirect: 'error', referrerPolicy: 'no-referrer' } as const

/** An iterator by hand: `return()` must work before the first chunk and while one is awaited, unlike a generator's. */
function bytesOf(
  { readLeaf, cancel }: BodyReceiver,
  onReceived: (bytes: number) => void,
  fail: (error: unknown) => never,
): Bytes {
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const value = await readLeaf().catch(fail)
      onReceived(value?.byteLength ?? 0)
      return value ? { done: false, value } : { done: true, value: undefined }
    },
    async return() {
      cancel()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

/**
 * Makes the response to a `turn` request here, as the peer would give it by libp2p. By HTTP it would hold one of the six
 * connections that browsers open to a host for as long as a download takes.
 *
 * @param send - sends another request to the same peer
 */
export async function localSlot(
  digest: Digest,
  send: (request: PeerRequest) => Promise<PeerResponse>,
  signal: AbortSignal,
): Promise<PeerResponse> {
  const { value, bytes } = await send({ ask: 'have', digests: [digest] })
  cancelBytes(bytes)
  const [offer] = haveResponseSchema.parse(value).offers
  if (!offer) return { value: null, bytes: noBytes() }
  const slot: SlotResponse = { offer, instead: [] }
  return { value: slot, bytes: grantAll(leafCount(offer.size), signal) }
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

/** Grants all leaves at once, then stays open until the signal aborts. */
async function* grantAll(count: number, signal: AbortSignal): AsyncGenerator<Uint8Array> & Bytes {
  const bytes = new Uint8Array(LEAF_COUNT_BYTES)
  new DataView(bytes.buffer).setUint32(0, Math.min(count, 0xffff_ffff))
  yield bytes
  await raceSignal(new Promise<never>(() => {}), signal)
}
