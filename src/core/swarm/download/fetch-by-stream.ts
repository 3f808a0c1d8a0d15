/** The road that is always there: a range asked for on a stream of the network that carries the questions too. */
import type { Bytes } from '../../blobs/ports.ts'
import type { Digest } from '../../oci/digest.ts'
import { type ByteRange, lengthOf } from '../../oci/range.ts'
import type { Network, PeerId, RangeFetcher } from '../ports.ts'
import { openRequest } from '../protocol/client.ts'
import { type Offer, rangeSchema } from '../protocol/messages.ts'

export function createStreamFetcher(network: Network): RangeFetcher {
  async function* fetch(
    peer: PeerId,
    offer: Offer,
    digest: Digest,
    range: ByteRange,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const { value, bytes } = await openRequest(network, peer, { ask: 'range', digest, ...range }, signal)
    try {
      const answer = rangeSchema.parse(value)
      if (answer.size !== offer.size || answer.length !== lengthOf(range)) throw new Error('another range')
    } catch (error) {
      await bytes[Symbol.asyncIterator]().return?.()
      throw error
    }
    yield* bytes
  }

  return {
    name: 'stream',
    supports: () => true,
    fetch: (peer, offer, digest, range, { signal }): Bytes => fetch(peer, offer, digest, range, signal),
  }
}
