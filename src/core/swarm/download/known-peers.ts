/**
 * The peers that one blob can be had from, and which of them may be asked now. Separate from the sources, which are the
 * peers that have been asked, because it outlives each of them.
 */
import type { PeerBackoff } from '../lookup/peer-backoff.ts'
import type { Provider } from '../lookup/providers.ts'
import { shuffled } from '../lookup/shuffled.ts'
import type { PeerId } from '../ports.ts'

/** Alternatives that are remembered. */
const MAX_ALTERNATIVES = 128

export class KnownPeers {
  readonly #backoff: PeerBackoff
  readonly #providers = new Map<PeerId, Provider>()
  readonly #alternatives = new Set<PeerId>()
  readonly #busy = new Set<PeerId>()
  readonly #excluded: Set<PeerId>

  /** @param self - is never asked */
  constructor(self: PeerId, backoff: PeerBackoff) {
    this.#excluded = new Set([self])
    this.#backoff = backoff
  }

  /** Those that have all of the blob. */
  get providers(): Iterable<Provider> {
    return this.#providers.values()
  }

  /** Peers that are getting the blob themselves, in any order. */
  get alternatives(): readonly PeerId[] {
    return shuffled(this.#alternatives)
  }

  addProvider(provider: Provider): void {
    this.#providers.set(provider.peer, provider)
  }

  removeProvider(peer: PeerId): Provider {
    const provider = this.#providers.get(peer)!
    this.#providers.delete(peer)
    return provider
  }

  addAlternatives(peers: readonly PeerId[]): void {
    for (const peer of peers) if (this.#alternatives.size < MAX_ALTERNATIVES) this.#alternatives.add(peer)
  }

  /** It has us wait for a slot. */
  setBusy(peer: PeerId): void {
    this.#busy.add(peer)
  }

  isBusy(peer: PeerId): boolean {
    return this.#busy.has(peer)
  }

  /** It isn't asked again. */
  exclude(peer: PeerId): void {
    this.#excluded.add(peer)
  }

  mayBeAsked(peer: PeerId): boolean {
    return !this.#excluded.has(peer) && !this.#backoff.blockOf(peer)
  }

  clear(): void {
    this.#providers.clear()
    this.#alternatives.clear()
  }
}
