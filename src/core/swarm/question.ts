/** Asks one peer one thing, and is done with it when the signal says so, whatever the network makes of that. */
import type { Bytes } from '../blobs/ports.ts'
import type { ListQuestion } from './list-messages.ts'
import type { Question } from './messages.ts'
import type { Network, PeerId, Reply } from './ports.ts'

export async function askPeer(
  network: Network,
  peer: PeerId,
  question: Question | ListQuestion,
  signal: AbortSignal,
): Promise<Reply> {
  signal.throwIfAborted()
  const reply = network.ask(peer, question, { signal })
  let isWanted = true
  reply.then(
    ({ bytes }) => isWanted || letGo(bytes),
    () => {},
  )
  return orAborted(reply, signal).catch((error) => {
    isWanted = false
    throw error
  })
}

/** Tells that no more bytes are wanted. Does not wait for it: a peer that is stuck would be waited for as well. */
export function letGo(bytes: Bytes): void {
  Promise.resolve(bytes[Symbol.asyncIterator]().return?.()).catch(() => {})
}

/** The promise's outcome, or the signal's reason, whichever is first. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
