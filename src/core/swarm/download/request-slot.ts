/** Asks a peer for a turn to take a blob from it, and hears from then on how much of it can be had. */

import { abortable } from '../../async/abortable.ts'
import type { Bytes } from '../../blobs/ports.ts'
import type { Digest } from '../../oci/digest.ts'
import type { Network, PeerId } from '../ports.ts'
import { cancel, openRequest } from '../protocol/client.ts'
import { type SlotResponse, turnSchema } from '../protocol/messages.ts'
import { COUNT_SIZE } from '../serve/slots.ts'

export interface GrantedSlot extends SlotResponse {
  /** Leaves from the first on that can be had now; 0 before it is our turn. Ends with the signal, which it throws. */
  readonly counts: AsyncIterable<number>
}

/** The turn lasts until the signal aborts. @throws $ZodError where the peer knows of no turns */
export async function requestSlot(
  network: Network,
  peer: PeerId,
  digest: Digest,
  signal: AbortSignal,
): Promise<GrantedSlot> {
  const { value, bytes } = await openRequest(network, peer, { ask: 'turn', digest }, signal)
  const answer = turnSchema.safeParse(value)
  if (!answer.success) cancel(bytes)
  if (!answer.success) throw answer.error
  return { ...answer.data, counts: countsIn(abortable(bytes, signal)) }
}

/** Of those that have come together, the last. */
async function* countsIn(bytes: Bytes): AsyncGenerator<number> {
  let rest = new Uint8Array()
  for await (const chunk of bytes) {
    const all = new Uint8Array([...rest, ...chunk])
    const end = all.length - (all.length % COUNT_SIZE)
    if (end > 0) yield new DataView(all.buffer).getUint32(end - COUNT_SIZE)
    rest = all.slice(end)
  }
}
