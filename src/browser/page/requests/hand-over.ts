/**
 * Sends files to the service worker by message instead of `fetch`. Firefox copies the body of a `fetch` to the disk
 * before a worker gets it, at a third of the speed and without progress. The worker may be stopped meanwhile, or may be
 * an older version that does not know such messages.
 */
import type { HandOver, OnSent } from '../../../core/client/transport.ts'
import { HANDED_OVER, type HandedBack, type HandedOver } from '../../worker-messages.ts'

/** Milliseconds until a worker that knows such messages responds, even if it has to be started first. */
const START_MS = 10_000

/** Milliseconds in which a stopped worker's last messages may still arrive. */
const LAST_MESSAGES_MS = 1000

/** `false` after a worker did not respond in time: from then on, `fetch` is used. */
let isSupported = true

/** @throws the reason of the request's signal; Error where the worker was stopped */
export const handOver: HandOver = async (request, body, onSent) => {
  if (!isSupported) return fetch(request, { body })
  const { port1: port, port2 } = new MessageChannel()
  const lock = `flotilla-handed-over-${crypto.randomUUID()}`
  const done = new AbortController()
  addEventListener('pagehide', () => done.abort(), { signal: done.signal })
  try {
    const responding = responseFrom({
      port,
      lock,
      onSent,
      requestSignal: request.signal,
      signal: done.signal,
    })
    navigator.serviceWorker.controller!.postMessage(messageOf(request, body, lock), [port2])
    const response = await responding
    isSupported = response !== undefined
    return response ?? fetch(request, { body })
  } finally {
    done.abort()
    port.postMessage('over')
    port.close()
  }
}

interface ResponseOptions {
  readonly port: MessagePort
  readonly lock: string
  readonly onSent: OnSent
  readonly requestSignal: AbortSignal
  /** Aborted once the response has been received. */
  readonly signal: AbortSignal
}

/** `undefined` if the worker does not respond in time. */
function responseFrom({
  port,
  lock,
  onSent,
  requestSignal,
  signal,
}: ResponseOptions): Promise<Response | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Response | undefined>()
  const timeout = setTimeout(resolve, START_MS)
  signal.addEventListener('abort', () => clearTimeout(timeout))
  requestSignal.addEventListener('abort', () => reject(requestSignal.reason), { signal })
  port.onmessage = ({ data }: MessageEvent<HandedBack>) => {
    clearTimeout(timeout)
    if (data === 0) void whenReleased(lock, signal).then(() => reject(new Error('the worker was stopped')))
    else if (typeof data === 'number') onSent(data)
    else resolve(responseOf(data))
  }
  return promise
}

const messageOf = ({ url, method, headers }: Request, body: Blob, lock: string): HandedOver => ({
  type: HANDED_OVER,
  lock,
  request: { url, method, headers: [...headers] },
  body,
})

const responseOf = ({ status, headers, body }: Exclude<HandedBack, number>): Response =>
  new Response(body.byteLength > 0 ? body : null, { status, headers })

/** Resolves some time after the worker has released the lock or was stopped; never, once `signal` is aborted. */
async function whenReleased(lock: string, signal: AbortSignal): Promise<void> {
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, LAST_MESSAGES_MS))
  await navigator.locks.request(lock, { signal }, pause).catch(() => new Promise(() => {}))
}
