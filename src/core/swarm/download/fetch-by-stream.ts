/** Fetches a range on a stream of the network that carries other requests too. It works with every peer of ours. */
import type { Digest } from '../../oci/digest.ts'
import { type ByteRange, lengthOf } from '../../oci/range.ts'
import type { Network, PeerId, RangeFetcher } from '../ports.ts'
import { cancel, openRequest } from '../protocol/client.ts'
import { type Offer, rangeResponseSchema } from '../protocol/messages.ts'

export function createStreamFetcher(network: Network): RangeFetcher {
  async function* fetchRange(
    peer: PeerId,
    offer: Offer,
    digest: Digest,
    range: ByteRange,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const { value, bytes } = await openRequest(network, peer, { ask: 'range', digest, ...range }, signal)
    const response = rangeResponseSchema.safeParse(value)
    const isExpected =
      response.success && response.data.size === offer.size && response.data.length === lengthOf(range)
    if (!isExpected) {
      cancel(bytes)
      throw response.error ?? new Error('the peer gives another range than was requested')
    }
    yield* bytes
  }

  return {
    name: 'stream',
    supports: () => true,
    fetch: (peer, offer, digest, range, { signal }) => fetchRange(peer, offer, digest, range, signal),
  }
}
