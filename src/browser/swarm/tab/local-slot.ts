/**
 * The answer to `turn` that a peer would give by libp2p, made here: by HTTP it would hold one of the six connections
 * that browsers open to a host, for as long as a download takes.
 */
import { orAborted } from '../../../core/async/abortable.ts'
import type { Bytes } from '../../../core/blobs/ports.ts'
import { leafCount } from '../../../core/leaf.ts'
import type { Digest } from '../../../core/oci/digest.ts'
import type { Response } from '../../../core/swarm/ports.ts'
import { cancel } from '../../../core/swarm/protocol/client.ts'
import { haveSchema, type Request, type SlotResponse } from '../../../core/swarm/protocol/messages.ts'
import { COUNT_SIZE } from '../../../core/swarm/serve/slots.ts'

/** @param ask - the same peer, something else */
export async function answerOwnTurn(
  digest: Digest,
  ask: (question: Request) => Promise<Response>,
  signal: AbortSignal,
): Promise<Response> {
  const { value, bytes } = await ask({ ask: 'have', digests: [digest] })
  cancel(bytes)
  const [offer] = haveSchema.parse(value).offers
  if (!offer) return { value: null, bytes: nothing() }
  const turn: SlotResponse = { offer, instead: [] }
  return { value: turn, bytes: oneCount(leafCount(offer.size), signal) }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** All leaves at once; then nothing more, until the signal. */
async function* oneCount(count: number, signal: AbortSignal): AsyncGenerator<Uint8Array> & Bytes {
  const bytes = new Uint8Array(COUNT_SIZE)
  new DataView(bytes.buffer).setUint32(0, Math.min(count, 0xffff_ffff))
  yield bytes
  await orAborted(new Promise<never>(() => {}), signal)
}
