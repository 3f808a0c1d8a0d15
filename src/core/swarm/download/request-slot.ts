/** Requests a slot to take a blob from a peer, and hears from then on how much of the blob the peer can give. */
import { abortable } from '../../async/abortable.ts'
import type { Bytes } from '../../blobs/ports.ts'
import type { Digest } from '../../oci/digest.ts'
import type { Network, PeerId } from '../ports.ts'
import { cancel, openRequest } from '../protocol/client.ts'
import { type SlotResponse, slotResponseSchema } from '../protocol/messages.ts'
import { LEAF_COUNT_BYTES } from '../serve/slots.ts'

export interface GrantedSlot extends SlotResponse {
  /** Leaves, counted from the first, that can be fetched now; 0 while we wait. Throws the signal's reason when it aborts. */
  readonly counts: AsyncIterable<number>
}

/** The slot, or the place in the queue, is held until the signal aborts. @throws $ZodError if the peer knows of no slots */
export async function requestSlot(
  network: Network,
  peer: PeerId,
  digest: Digest,
  signal: AbortSignal,
): Promise<GrantedSlot> {
  const { value, bytes } = await openRequest(network, peer, { ask: 'turn', digest }, signal)
  const response = slotResponseSchema.safeParse(value)
  if (!response.success) {
    cancel(bytes)
    throw response.error
  }
  return { ...response.data, counts: countsIn(abortable(bytes, signal)) }
}

/** Of several counts that arrive together, the last. */
async function* countsIn(bytes: Bytes): AsyncGenerator<number> {
  let rest = new Uint8Array()
  for await (const chunk of bytes) {
    const all = new Uint8Array([...rest, ...chunk])
    const end = all.length - (all.length % LEAF_COUNT_BYTES)
    if (end > 0) yield new DataView(all.buffer).getUint32(end - LEAF_COUNT_BYTES)
    rest = all.slice(end)
  }
}
