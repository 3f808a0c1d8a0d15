/** Sends one request to one peer. Every function here ends when the signal aborts, even if the network does not. */

import type * as z from 'zod/mini'
import { raceSignal } from '../../async/abortable.ts'
import type { Bytes } from '../../blobs/ports.ts'
import type { Network, PeerId, PeerResponse } from '../ports.ts'
import type { ListRequest } from './list-messages.ts'
import type { PeerRequest } from './messages.ts'

/** The response with the bytes that follow it, which must be read to their end or given to {@link cancel}. */
export async function openRequest(
  network: Network,
  peer: PeerId,
  message: PeerRequest | ListRequest,
  signal: AbortSignal,
): Promise<PeerResponse> {
  signal.throwIfAborted()
  const response = network.request(peer, message, { signal })
  let isWanted = true
  response.then(
    ({ bytes }) => isWanted || cancel(bytes),
    () => {},
  )
  return raceSignal(response, signal).catch((error) => {
    isWanted = false
    throw error
  })
}

/** Tells the network that no more bytes are wanted. It does not wait for that, because a peer may be stuck. */
export function cancel(bytes: Bytes): void {
  Promise.resolve(bytes[Symbol.asyncIterator]().return?.()).catch(() => {})
}

/**
 * The value of a response that no bytes follow.
 *
 * @throws the error of the network; $ZodError for a response that does not fit the schema
 */
export async function request<T>(
  network: Network,
  peer: PeerId,
  message: PeerRequest | ListRequest,
  schema: z.ZodMiniType<T>,
  { signal }: { readonly signal: AbortSignal },
): Promise<T> {
  const { value, bytes } = await openRequest(network, peer, message, signal)
  cancel(bytes)
  return schema.parse(value)
}
