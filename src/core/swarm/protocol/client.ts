/** Asks one peer one thing, and is done with it when the signal says so, whatever the network makes of that. */

import type * as z from 'zod/mini'
import { orAborted } from '../../async/abortable.ts'
import type { Bytes } from '../../blobs/ports.ts'
import type { Network, PeerId, Response } from '../ports.ts'
import type { ListRequest } from './list-messages.ts'
import type { Request } from './messages.ts'

export async function openRequest(
  network: Network,
  peer: PeerId,
  question: Request | ListRequest,
  signal: AbortSignal,
): Promise<Response> {
  signal.throwIfAborted()
  const reply = network.request(peer, question, { signal })
  let isWanted = true
  reply.then(
    ({ bytes }) => isWanted || cancel(bytes),
    () => {},
  )
  return orAborted(reply, signal).catch((error) => {
    isWanted = false
    throw error
  })
}

/** Tells that no more bytes are wanted. Does not wait for it: a peer that is stuck would be waited for as well. */
export function cancel(bytes: Bytes): void {
  Promise.resolve(bytes[Symbol.asyncIterator]().return?.()).catch(() => {})
}

/** @throws what went wrong on the way; $ZodError where the answer is none */
export async function request<T>(
  network: Network,
  peer: PeerId,
  question: Request | ListRequest,
  schema: z.ZodMiniType<T>,
  { signal }: { readonly signal: AbortSignal },
): Promise<T> {
  const { value, bytes } = await openRequest(network, peer, question, signal)
  cancel(bytes)
  return schema.parse(value)
}
