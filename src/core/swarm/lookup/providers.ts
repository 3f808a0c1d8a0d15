/**
 * Who holds a digest: the connected peers are asked all at once, in one round trip, then whoever the DHT names. Apart
 * from what is done with the answer, since manifests, referrers and blobs are all looked for like this.
 */
import { orAborted } from '../../async/abortable.ts'
import { createChannel } from '../../async/channel.ts'
import type { Config } from '../../config.ts'
import { LEAF_SIZE } from '../../leaf.ts'
import type { Log } from '../../log.ts'
import type { Digest } from '../../oci/digest.ts'
import type { Network, PeerId } from '../ports.ts'
import { request } from '../protocol/client.ts'
import { haveSchema, MAX_DIGESTS, type Offer, type Request } from '../protocol/messages.ts'
import type { PeerBackoff } from './peer-backoff.ts'

/** A peer that said that it can serve a blob now. */
export interface Provider {
  readonly peer: PeerId
  readonly offer: Offer
}

export interface FindOptions {
  readonly signal?: AbortSignal | undefined
  /** Only those that have it in one of these. */
  readonly repositories?: readonly string[] | undefined
  /** Only peers that are connected already; the DHT is not asked. */
  readonly connectedOnly?: boolean | undefined
  /** The DHT is asked however many are found without it: those may be of no use. */
  readonly isWide?: boolean | undefined
  /** Told, when all connected peers have answered, how many holders are among them. */
  readonly onNearAsked?: ((found: number) => void) | undefined
}

export interface ContentRouting {
  /**
   * Holders as they answer, each peer once. Ends when all have answered, or after the configured time with nobody
   * found, or with the signal. Never throws. Whoever stops reading ends the search.
   */
  findProviders(digest: Digest, options?: FindOptions): AsyncIterable<Provider>
}

export interface ContentRoutingDeps {
  readonly network: Network
  readonly backoff: PeerBackoff
  readonly settings: Pick<Config['swarm'], 'timeout' | 'dht'>
  readonly log: Log
}

/** Milliseconds after which the DHT is asked though not all connected peers have answered. */
const HEAD_START = 150

/**
 * Of those that offer the same, as many as are of use. There are more of them than can share the work of one blob, as some
 * may say what is true and give nothing; and others are still asked, as what these say may be false.
 */
const MAX_ALIKE = 32

/** As many as share the work of one blob: once the connected peers are so many, the DHT is left alone. */
const ENOUGH_HOLDERS = 4

/** Once a blob of fewer bytes is found, more who have it would not make it faster. */
const WORTH_SHARING = 4 * LEAF_SIZE

/** Peers asked about one digest; a DHT may name any number of them. */
const MAX_ASKED = 128

/** A peer has this many times the configured time to answer, so that one that is merely far away is not put aside. */
const PATIENCE = 4

export function createContentRouting({
  network,
  backoff,
  settings,
  log,
}: ContentRoutingDeps): ContentRouting {
  const { timeout, dht } = settings
  const have = createHave(network, backoff, log, PATIENCE * timeout)

  function find(digest: Digest, options: FindOptions = {}): AsyncIterable<Provider> {
    const { signal, repositories, connectedOnly = false, isWide = false, onNearAsked = () => {} } = options
    const ending = new AbortController()
    const end = () => ending.abort()
    const over = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal
    const found = createChannel<Provider>(end)
    const providers: Provider[] = []
    const asked = new Set([network.self])

    async function ask(peer: PeerId): Promise<void> {
      if (asked.has(peer) || asked.size > MAX_ASKED || backoff.blockOf(peer)) return
      asked.add(peer)
      const offer = await have(peer, digest, repositories)
      if (!offer || over.aborted) return
      const alike = providers.filter(
        ({ offer: { size, root } }) => size === offer.size && root === offer.root,
      )
      if (alike.length >= MAX_ALIKE) return
      providers.push({ peer, offer })
      found.push({ peer, offer })
    }

    async function askProviders(): Promise<void> {
      const asking: Promise<void>[] = []
      for await (const peer of network.findProviders(digest, { signal: over })) {
        if (over.aborted || asking.push(ask(peer)) === MAX_ASKED) break
      }
      await Promise.all(asking)
    }

    async function askAll(): Promise<void> {
      const connected = Promise.all(network.peers().map(ask))
      void connected.then(() => onNearAsked(providers.length))
      if (connectedOnly || !dht.enabled) return void (await connected)
      await Promise.race([connected, new Promise((resolve) => setTimeout(resolve, HEAD_START))])
      const isEnough =
        !isWide &&
        (providers.length >= ENOUGH_HOLDERS || providers.some(({ offer }) => offer.size < WORTH_SHARING))
      await Promise.all([connected, isEnough || askProviders()])
    }

    const deadline = setTimeout(() => providers.length > 0 || end(), timeout)
    const lastCall = setTimeout(end, 2 * PATIENCE * timeout)
    orAborted(askAll(), over)
      .catch((error) => over.aborted || log.debug('search failed', { digest, err: error }))
      .finally(() => {
        clearTimeout(deadline)
        clearTimeout(lastCall)
        found.end()
      })
    return found
  }

  return { findProviders: find }
}

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
export function createHave(network: Network, backoff: PeerBackoff, log: Log, limit: number): Have {
  const waiting = new Map<string, Batch>()

  async function askFor(
    { peer, repositories }: Batch,
    digests: Digest[],
  ): Promise<readonly (Offer | null)[]> {
    const signal = AbortSignal.timeout(limit)
    const question: Request = {
      ask: 'have',
      digests,
      ...(repositories && { repositories: [...repositories] }),
    }
    const { offers } = await request(network, peer, question, haveSchema, { signal })
    if (offers.length !== digests.length) throw new Error('not as many answers as questions')
    return offers
  }

  async function flush(key: string, batch: Batch): Promise<void> {
    const asked = batch.asked.splice(0, MAX_DIGESTS)
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
      backoff.penalize(peer, 'failed', 'does not answer')
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
