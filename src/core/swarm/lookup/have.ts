/** Asks peers whether they have digests. Requests to the same peer in the same tick travel in one message. */
import type { Log } from '../../log.ts'
import type { Digest } from '../../oci/digest.ts'
import type { Network, PeerId } from '../ports.ts'
import { request } from '../protocol/client.ts'
import {
  haveResponseSchema,
  MAX_DIGESTS_PER_REQUEST,
  type Offer,
  type PeerRequest,
} from '../protocol/messages.ts'
import type { PeerBackoff } from './peer-backoff.ts'

/**
 * What a peer offers, in one of these repositories if any are named. `undefined` if it does not have the digest, or its
 * response is missing or invalid. Never rejects.
 */
export type Have = (
  peer: PeerId,
  digest: Digest,
  repositories?: readonly string[] | undefined,
) => Promise<Offer | undefined>

interface Lookup {
  readonly digest: Digest
  readonly resolve: (offer: Offer | undefined) => void
}

/** The lookups that one peer answers in one request. */
interface Batch {
  readonly peer: PeerId
  readonly repositories: readonly string[] | undefined
  readonly lookups: Lookup[]
}

/** @param timeout - in milliseconds; a peer that takes longer is penalized */
export function createHave(network: Network, backoff: PeerBackoff, log: Log, timeout: number): Have {
  const batches = new Map<string, Batch>()

  async function send({ peer, repositories }: Batch, digests: Digest[]): Promise<readonly (Offer | null)[]> {
    const signal = AbortSignal.timeout(timeout)
    const message: PeerRequest = {
      ask: 'have',
      digests,
      ...(repositories && { repositories: [...repositories] }),
    }
    const { offers } = await request(network, peer, message, haveResponseSchema, { signal })
    if (offers.length !== digests.length) throw new Error('the number of offers is not that of the digests')
    return offers
  }

  async function flush(key: string, batch: Batch): Promise<void> {
    const lookups = batch.lookups.splice(0, MAX_DIGESTS_PER_REQUEST)
    if (batch.lookups.length > 0) void flush(key, batch)
    else batches.delete(key)
    const digests = lookups.map(({ digest }) => digest)
    try {
      const offers = await send(batch, digests)
      for (const [index, { resolve }] of lookups.entries()) resolve(offers[index] ?? undefined)
    } catch (error) {
      const { peer } = batch
      log.debug('peer does not answer', { peer, err: error })
      backoff.penalize(peer, 'failed', 'it did not respond to a lookup')
      for (const { resolve } of lookups) resolve(undefined)
    }
  }

  return (peer, digest, repositories) =>
    new Promise((resolve) => {
      const key = [peer, ...(repositories ?? [])].join(' ')
      const batch = batches.get(key)
      if (batch) {
        batch.lookups.push({ digest, resolve })
        return
      }
      const first = { peer, repositories, lookups: [{ digest, resolve }] }
      batches.set(key, first)
      setTimeout(() => flush(key, first))
    })
}
