/**
 * A leading tab in the form of a worker, which a test can end without warning. It takes the lock of the id that it gets,
 * and responds to every request with endless zeros.
 */

import { handleRequest } from '../../src/browser/tab/handle-request.ts'
import { leaderLock, toTabSchema } from '../../src/browser/tab-protocol.ts'

async function* zeros(): AsyncGenerator<Uint8Array> {
  for (;;) yield new Uint8Array(64 * 1024)
}

const ask = async () => ({ value: 'zeros', bytes: zeros() })

addEventListener('message', ({ data, ports: [port] }) => {
  if (data.lead) void navigator.locks.request(leaderLock(data.lead), () => lead())
  const message = toTabSchema.safeParse(data).data
  if (message?.type !== 'question' || !port) return
  void handleRequest({ request: ask }, { ...message, port }, new AbortController().signal)
})

function lead(): Promise<never> {
  postMessage('leads')
  return new Promise(() => {})
}
