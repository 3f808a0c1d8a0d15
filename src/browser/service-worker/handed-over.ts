/**
 * Handles requests that pages send as messages, with the body beside them. Some engines carry the body of a `fetch` to
 * a service worker through memory, at a fraction of the speed.
 */

import { bytesOf } from '../../core/blobs/blob-bytes.ts'
import type { Bytes } from '../../core/blobs/ports.ts'
import { HANDED_OVER, type HandedBack, type HandedOver } from '../worker-messages.ts'
import { acquireLock } from './exclusive.ts'

export type HandleWithBody = (request: Request, body: Bytes) => Promise<Response>

/** Returns a listener for the worker's `message` event. */
export const createHandedOverListener = (handle: HandleWithBody) => (event: ExtendableMessageEvent) => {
  const { data, ports } = event
  if (data?.type === HANDED_OVER) event.waitUntil(respondOn(ports[0]!, data, handle))
}

async function respondOn(
  port: MessagePort,
  { lock, request, body }: HandedOver,
  handle: HandleWithBody,
): Promise<void> {
  const post = (message: HandedBack) => port.postMessage(message)
  const cancelled = new AbortController()
  const { signal } = cancelled
  port.onmessage = () => cancelled.abort()
  const release = await acquireLock(lock, { signal })
  try {
    post(0)
    const forwarded = new Request(request.url, { ...request, signal })
    const response = await handle(forwarded, counted(bytesOf(body), post))
    const { status, headers } = response
    post({ status, headers: [...headers], body: await response.arrayBuffer() })
  } finally {
    release()
    port.close()
  }
}

async function* counted(bytes: Bytes, onProgress: (taken: number) => void): AsyncGenerator<Uint8Array> {
  let taken = 0
  for await (const chunk of bytes) {
    yield chunk
    taken += chunk.byteLength
    onProgress(taken)
  }
}
