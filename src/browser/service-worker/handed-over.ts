/** Answers requests that come as messages. Apart from those of `fetch`, as the browser keeps nothing of them in order. */

import { bytesOf } from '../../core/blobs/blob-bytes.ts'
import type { Bytes } from '../../core/blobs/ports.ts'
import { HANDED_OVER, type HandedBack, type HandedOver } from '../worker-messages.ts'
import { acquireLock } from './acquire-lock.ts'

export type AnswerWith = (request: Request, body: Bytes) => Promise<Response>

/** Gives a listener. */
export const answerHandedOver = (answer: AnswerWith) => (event: ExtendableMessageEvent) => {
  const { data, ports } = event
  if (data?.type === HANDED_OVER) event.waitUntil(answerBy(ports[0]!, data, answer))
}

async function answerBy(
  port: MessagePort,
  { lock, request, body }: HandedOver,
  answer: AnswerWith,
): Promise<void> {
  const tell = (what: HandedBack) => port.postMessage(what)
  const unwanted = new AbortController()
  const { signal } = unwanted
  port.onmessage = () => unwanted.abort()
  const release = await acquireLock(lock, { signal })
  try {
    tell(0)
    const response = await answer(
      new Request(request.url, { ...request, signal }),
      counted(bytesOf(body), tell),
    )
    const { status, headers } = response
    tell({ status, headers: [...headers], body: await response.arrayBuffer() })
  } finally {
    release()
    port.close()
  }
}

async function* counted(bytes: Bytes, tell: (taken: number) => void): AsyncGenerator<Uint8Array> {
  let taken = 0
  for await (const chunk of bytes) {
    yield chunk
    taken += chunk.byteLength
    tell(taken)
  }
}
