/**
 * Asks peers whether they hold digests. All that is asked of a peer within one tick goes in one question: a client
 * that pulls an image asks for its layers at once.
 */
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import { ask } from './ask.ts'
import { haveSchema, MOST_DIGESTS, type Offer, type Question } from './messages.ts'
import type { Network, PeerId } from './ports.ts'
import type { Standing } from './standing.ts'

/**
 * What a peer offers, in one of these repositories if any are named; `undefined` where it does not have it, or does not
 * answer as it should. Never rejects.
 */
export type Have = (
  peer: PeerId,
  digest: Digest,
  repositories?: readonly string[] | undefined,
) => Promise<Offer | undefined>

interface Asked {
  readonly digest: Digest
  readonly resolve: (offer: Offer | undefined) => void
}

/** What goes to one peer in one question. */
interface Batch {
  readonly peer: PeerId
  readonly repositories: readonly string[] | undefined
  readonly asked: Asked[]
}

/** @param limit - milliseconds for an answer; a peer that takes longer is put aside */
export function createHave(network: Network, standing: Standing, log: Log, limit: number): Have {
  const waiting = new Map<string, Batch>()

  async function askFor(
    { peer, repositories }: Batch,
    digests: Digest[],
  ): Promise<readonly (Offer | null)[]> {
    const signal = AbortSignal.timeout(limit)
    const question: Question = {
      ask: 'have',
      digests,
      ...(repositories && { repositories: [...repositories] }),
    }
    const { offers } = await ask(network, peer, question, haveSchema, { signal })
    if (offers.length !== digests.length) throw new Error('not as many answers as questions')
    return offers
  }

  async function flush(key: string, batch: Batch): Promise<void> {
    const asked = batch.asked.splice(0, MOST_DIGESTS)
    if (batch.asked.length > 0) void flush(key, batch)
    else waiting.delete(key)
    try {
      const offers = await askFor(
        batch,
        asked.map(({ digest }) => digest),
      )
      for (const [index, { resolve }] of asked.entries()) resolve(offers[index] ?? undefined)
    } catch (error) {
      const { peer } = batch
      log.debug('peer does not answer', { peer, err: error })
      standing.putAside(peer, 'failed', 'does not answer')
      for (const { resolve } of asked) resolve(undefined)
    }
  }

  return (peer, digest, repositories) =>
    new Promise((resolve) => {
      const key = [peer, ...(repositories ?? [])].join(' ')
      const batch = waiting.get(key)
      if (batch) {
        batch.asked.push({ digest, resolve })
        return
      }
      const first = { peer, repositories, asked: [{ digest, resolve }] }
      waiting.set(key, first)
      setTimeout(() => flush(key, first))
    })
}
