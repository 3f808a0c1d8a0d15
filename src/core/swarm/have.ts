/**
 * Asks peers whether they hold digests. All that is asked of a peer within one tick goes in one question: a client
 * that pulls an image asks for its layers at once.
 */
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import { ask } from './ask.ts'
import { haveSchema, MOST_DIGESTS, type Offer } from './messages.ts'
import type { Network, PeerId } from './ports.ts'
import type { Standing } from './standing.ts'

/** What a peer offers; `undefined` where it does not have it, or does not answer as it should. Never rejects. */
export type Have = (peer: PeerId, digest: Digest) => Promise<Offer | undefined>

interface Asked {
  readonly digest: Digest
  readonly resolve: (offer: Offer | undefined) => void
}

/** @param limit - milliseconds for an answer; a peer that takes longer is put aside */
export function createHave(network: Network, standing: Standing, log: Log, limit: number): Have {
  const waiting = new Map<PeerId, Asked[]>()

  async function askFor(peer: PeerId, digests: readonly Digest[]): Promise<readonly (Offer | null)[]> {
    const signal = AbortSignal.timeout(limit)
    const { offers } = await ask(network, peer, { ask: 'have', digests: [...digests] }, haveSchema, {
      signal,
    })
    if (offers.length !== digests.length) throw new Error('not as many answers as questions')
    return offers
  }

  async function flush(peer: PeerId): Promise<void> {
    const batch = waiting.get(peer)!.splice(0, MOST_DIGESTS)
    if (waiting.get(peer)!.length > 0) void flush(peer)
    else waiting.delete(peer)
    try {
      const offers = await askFor(
        peer,
        batch.map(({ digest }) => digest),
      )
      for (const [index, { resolve }] of batch.entries()) resolve(offers[index] ?? undefined)
    } catch (error) {
      log.debug('peer does not answer', { peer, err: error })
      standing.putAside(peer, 'failed', 'does not answer')
      for (const { resolve } of batch) resolve(undefined)
    }
  }

  return (peer, digest) =>
    new Promise((resolve) => {
      const batch = waiting.get(peer)
      if (batch) {
        batch.push({ digest, resolve })
        return
      }
      waiting.set(peer, [{ digest, resolve }])
      setTimeout(() => flush(peer))
    })
}
