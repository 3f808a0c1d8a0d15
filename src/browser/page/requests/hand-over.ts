/**
 * Files on their way to the service worker by message. Firefox carries the body of a `fetch` to a worker at a third of
 * the speed, by way of a copy on the disk, and tells of no progress. The worker may be stopped meanwhile, or be of a
 * version that does not know such messages.
 */
import type { HandOver, OnSent } from '../../../core/client/transport.ts'
import { HANDED_OVER, type HandedBack, type HandedOver } from '../../worker-messages.ts'

/** Milliseconds in which a worker begins that knows such messages, even where it has to be started. */
const BEGINNING = 10_000

/** Milliseconds after its end in which the last words of a worker arrive. */
const LAST_WORDS = 1000

/** Until a worker has let that time pass: then all goes by `fetch`. */
let isUnderstood = true

/** @throws the reason of the request's signal; Error where the worker was stopped */
export const handOver: HandOver = async (request, body, onSent) => {
  if (!isUnderstood) return fetch(request, { body })
  const { port1: port, port2 } = new MessageChannel()
  const lock = `flotilla-handed-over-${crypto.randomUUID()}`
  const over = new AbortController()
  addEventListener('pagehide', () => over.abort(), { signal: over.signal })
  try {
    const answer = answerFrom({ port, lock, onSent, wanted: request.signal, signal: over.signal })
    navigator.serviceWorker.controller!.postMessage(messageOf(request, body, lock), [port2])
    const response = await answer
    isUnderstood = response !== undefined
    return response ?? fetch(request, { body })
  } finally {
    over.abort()
    port.postMessage('over')
    port.close()
  }
}

interface Asked {
  readonly port: MessagePort
  readonly lock: string
  readonly onSent: OnSent
  readonly wanted: AbortSignal
  /** Ends what is waited for. */
  readonly signal: AbortSignal
}

/** `undefined` where the worker does not begin in time. */
function answerFrom({ port, lock, onSent, wanted, signal }: Asked): Promise<Response | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Response | undefined>()
  const tooLate = setTimeout(resolve, BEGINNING)
  signal.addEventListener('abort', () => clearTimeout(tooLate))
  wanted.addEventListener('abort', () => reject(wanted.reason), { signal })
  port.onmessage = ({ data }: MessageEvent<HandedBack>) => {
    clearTimeout(tooLate)
    if (data === 0) void freed(lock, signal).then(() => reject(new Error('the worker was stopped')))
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

/** Some time after whoever holds it has let go or is no more; never, where that is no longer waited for. */
async function freed(lock: string, signal: AbortSignal): Promise<void> {
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, LAST_WORDS))
  await navigator.locks.request(lock, { signal }, pause).catch(() => new Promise(() => {}))
}
