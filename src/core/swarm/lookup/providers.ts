/**
 * Which peers have a digest: first the connected peers, all at once in one round trip, then those that the DHT names.
 * Separate from what is done with them, because blobs, manifests and referrers are all looked up like this.
 */
import { raceSignal } from '../../async/abortable.ts'
import { type Channel, createChannel } from '../../async/channel.ts'
import type { Config } from '../../config.ts'
import { LEAF_SIZE } from '../../leaf.ts'
import type { Log } from '../../log.ts'
import type { Digest } from '../../oci/digest.ts'
import type { Network, PeerId } from '../ports.ts'
import type { Offer } from '../protocol/messages.ts'
import { createHave, type Have } from './have.ts'
import type { PeerBackoff } from './peer-backoff.ts'

/** A peer that says that it can serve a blob now. */
export interface Provider {
  readonly peer: PeerId
  readonly offer: Offer
}

export interface FindOptions {
  readonly signal?: AbortSignal | undefined
  /** Only peers that have the digest in one of these. */
  readonly repositories?: readonly string[] | undefined
  /** Only peers that are connected already; the DHT is not asked. */
  readonly connectedOnly?: boolean | undefined
  /** Asks the DHT even if enough providers are connected, since those may turn out to be useless. */
  readonly alwaysAskDht?: boolean | undefined
  /** Called when all connected peers have responded, with the number of providers among them. */
  readonly onConnectedAsked?: ((found: number) => void) | undefined
}

export interface ContentRouting {
  /**
   * Providers as they respond, each peer once. Ends when all have responded, or with the signal, or after
   * `swarm.timeout` without any. Never throws. A caller that stops reading ends the search.
   */
  findProviders(digest: Digest, options?: FindOptions): AsyncIterable<Provider>
}

export interface ContentRoutingDeps {
  readonly network: Network
  readonly backoff: PeerBackoff
  readonly settings: Pick<Config['swarm'], 'timeout' | 'dht'>
  readonly log: Log
}

/** How long connected peers have to respond before the DHT is asked as well. */
const HEAD_START_MS = 150

/**
 * Providers with the same offer. More than can share the work of one blob, because some may offer the truth and give
 * nothing. Providers with other offers are still accepted, because this offer may be false.
 */
const MAX_EQUAL_OFFERS = 32

/** As many as can share the work of one blob: if so many are connected, the DHT is not asked. */
const ENOUGH_PROVIDERS = 4

/** A smaller blob would not arrive faster from more providers. */
const MIN_SHARED_BYTES = 4 * LEAF_SIZE

/** Peers that are asked about one digest. A DHT may name any number of them. */
const MAX_PEERS = 128

/** How many times `swarm.timeout` a peer may take to respond before it is penalized: it may only be far away. */
const PATIENCE = 4

export function createContentRouting(deps: ContentRoutingDeps): ContentRouting {
  const { network, backoff, settings, log } = deps
  const have = createHave(network, backoff, log, PATIENCE * settings.timeout)
  return { findProviders: (digest, options = {}) => new Search(deps, have, digest, options).start() }
}

/** The search for the providers of one digest. */
class Search {
  readonly #deps: ContentRoutingDeps
  readonly #have: Have
  readonly #digest: Digest
  readonly #options: FindOptions
  readonly #ending = new AbortController()
  readonly #signal: AbortSignal
  readonly #found: Channel<Provider>
  readonly #providers: Provider[] = []
  readonly #asked: Set<PeerId>

  constructor(deps: ContentRoutingDeps, have: Have, digest: Digest, options: FindOptions) {
    this.#deps = deps
    this.#have = have
    this.#digest = digest
    this.#options = options
    const { signal } = this.#ending
    this.#signal = options.signal ? AbortSignal.any([options.signal, signal]) : signal
    this.#found = createChannel(() => this.#end())
    this.#asked = new Set([deps.network.self])
  }

  start(): AsyncIterable<Provider> {
    const { settings, log } = this.#deps
    const deadline = setTimeout(() => this.#providers.length > 0 || this.#end(), settings.timeout)
    const finalDeadline = setTimeout(() => this.#end(), 2 * PATIENCE * settings.timeout)
    raceSignal(this.#run(), this.#signal)
      .catch((error) => {
        if (!this.#signal.aborted) log.debug('search failed', { digest: this.#digest, err: error })
      })
      .finally(() => {
        clearTimeout(deadline)
        clearTimeout(finalDeadline)
        this.#found.end()
      })
    return this.#found
  }

  #end(): void {
    this.#ending.abort()
  }

  async #run(): Promise<void> {
    const { network, settings } = this.#deps
    const { connectedOnly = false, onConnectedAsked = () => {} } = this.#options
    const connected = Promise.all(network.peers().map((peer) => this.#ask(peer)))
    void connected.then(() => onConnectedAsked(this.#providers.length))
    if (connectedOnly || !settings.dht.enabled) return void (await connected)
    await Promise.race([connected, new Promise((resolve) => setTimeout(resolve, HEAD_START_MS))])
    await Promise.all([connected, this.#hasEnough() || this.#askDht()])
  }

  #hasEnough(): boolean {
    if (this.#options.alwaysAskDht) return false
    const providers = this.#providers
    return (
      providers.length >= ENOUGH_PROVIDERS || providers.some(({ offer }) => offer.size < MIN_SHARED_BYTES)
    )
  }

  async #askDht(): Promise<void> {
    const requests: Promise<void>[] = []
    for await (const peer of this.#deps.network.findProviders(this.#digest, { signal: this.#signal })) {
      if (this.#signal.aborted || requests.push(this.#ask(peer)) === MAX_PEERS) break
    }
    await Promise.all(requests)
  }

  async #ask(peer: PeerId): Promise<void> {
    if (this.#asked.has(peer) || this.#asked.size > MAX_PEERS || this.#deps.backoff.blockOf(peer)) return
    this.#asked.add(peer)
    const offer = await this.#have(peer, this.#digest, this.#options.repositories)
    if (!offer || this.#signal.aborted || this.#countEqual(offer) >= MAX_EQUAL_OFFERS) return
    this.#providers.push({ peer, offer })
    this.#found.push({ peer, offer })
  }

  #countEqual({ size, root }: Offer): number {
    return this.#providers.filter(({ offer }) => offer.size === size && offer.root === root).length
  }
}
