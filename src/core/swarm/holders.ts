/**
 * Who holds a digest: the connected peers are asked all at once, in one round trip, then whoever the DHT names. Apart
 * from what is done with the answer, since manifests, referrers and blobs are all looked for like this.
 */
import { LEAF_SIZE } from '../catalog/blobs.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import { createChannel } from './channel.ts'
import { createHave } from './have.ts'
import type { Offer } from './messages.ts'
import type { Network, PeerId } from './ports.ts'
import { orAborted } from './question.ts'
import type { Standing } from './standing.ts'

/** A peer that said that it can serve a blob now. */
export interface Holder {
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

export interface Finder {
  /**
   * Holders as they answer, each peer once. Ends when all have answered, or after the configured time with nobody
   * found, or with the signal. Never throws. Whoever stops reading ends the search.
   */
  find(digest: Digest, options?: FindOptions): AsyncIterable<Holder>
}

export interface FinderParts {
  readonly network: Network
  readonly standing: Standing
  readonly settings: Pick<Config['swarm'], 'timeout' | 'dht'>
  readonly log: Log
}

/** Milliseconds after which the DHT is asked though not all connected peers have answered. */
const HEAD_START = 150

/**
 * Of those that offer the same, as many as are of use. There are more of them than can share the work of one blob, as some
 * may say what is true and give nothing; and others are still asked, as what these say may be false.
 */
const MOST_ALIKE = 32

/** As many as share the work of one blob: once the connected peers are so many, the DHT is left alone. */
const ENOUGH_HOLDERS = 4

/** Once a blob of fewer bytes is found, more who have it would not make it faster. */
const WORTH_SHARING = 4 * LEAF_SIZE

/** Peers asked about one digest; a DHT may name any number of them. */
const MOST_ASKED = 128

/** A peer has this many times the configured time to answer, so that one that is merely far away is not put aside. */
const PATIENCE = 4

export function createFinder({ network, standing, settings, log }: FinderParts): Finder {
  const { timeout, dht } = settings
  const have = createHave(network, standing, log, PATIENCE * timeout)

  function find(digest: Digest, options: FindOptions = {}): AsyncIterable<Holder> {
    const { signal, repositories, connectedOnly = false, isWide = false, onNearAsked = () => {} } = options
    const ending = new AbortController()
    const end = () => ending.abort()
    const over = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal
    const found = createChannel<Holder>(end)
    const holders: Holder[] = []
    const asked = new Set([network.self])

    async function ask(peer: PeerId): Promise<void> {
      if (asked.has(peer) || asked.size > MOST_ASKED || standing.asideOf(peer)) return
      asked.add(peer)
      const offer = await have(peer, digest, repositories)
      if (!offer || over.aborted) return
      const alike = holders.filter(({ offer: { size, root } }) => size === offer.size && root === offer.root)
      if (alike.length >= MOST_ALIKE) return
      holders.push({ peer, offer })
      found.push({ peer, offer })
    }

    async function askProviders(): Promise<void> {
      const asking: Promise<void>[] = []
      for await (const peer of network.findProviders(digest, { signal: over })) {
        if (over.aborted || asking.push(ask(peer)) === MOST_ASKED) break
      }
      await Promise.all(asking)
    }

    async function askAll(): Promise<void> {
      const connected = Promise.all(network.peers().map(ask))
      void connected.then(() => onNearAsked(holders.length))
      if (connectedOnly || !dht.enabled) return void (await connected)
      await Promise.race([connected, new Promise((resolve) => setTimeout(resolve, HEAD_START))])
      const isEnough =
        !isWide &&
        (holders.length >= ENOUGH_HOLDERS || holders.some(({ offer }) => offer.size < WORTH_SHARING))
      await Promise.all([connected, isEnough || askProviders()])
    }

    const deadline = setTimeout(() => holders.length > 0 || end(), timeout)
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

  return { find }
}
