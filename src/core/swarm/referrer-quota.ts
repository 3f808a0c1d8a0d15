/**
 * A limit on the referrers of one manifest that are listed on the word of peers. A peer can make up any number of them,
 * so the quota is small, and shared such that no peer keeps out another's. Referrers that were pushed here do not count.
 */
import type { PeerReferrer } from '../catalog/peer-referrers.ts'
import type { Digest } from '../oci/digest.ts'
import type { Trust } from './lookup/trust.ts'
import type { PeerId } from './ports.ts'

/** On the word of one peer. */
export const MAX_VOUCHED_PER_PEER = 64

/** On the word of all peers together. */
export const MAX_VOUCHED = 512

export interface Reservation extends PeerReferrer {
  /** The referrer that has to make way for it. */
  readonly replaced?: PeerReferrer | undefined
}

export class ReferrerQuota {
  readonly #trust: Pick<Trust, 'isTrusted'>
  /** By digest, the oldest first. */
  readonly #peers: Map<Digest, PeerId>

  constructor(vouched: readonly PeerReferrer[], trust: Pick<Trust, 'isTrusted'>) {
    this.#trust = trust
    this.#peers = new Map(vouched.map(({ digest, peer }) => [digest, peer]))
  }

  has(digest: Digest): boolean {
    return this.#peers.has(digest)
  }

  /** Whether this peer's word adds anything: it does for a new referrer, or if the peer is trusted more. */
  isWanted(digest: Digest, peer: PeerId): boolean {
    const before = this.#peers.get(digest)
    return before === undefined || this.#outranks(peer, before)
  }

  /**
   * `undefined` if the quota is full or the referrer is not wanted.
   *
   * @param listed - what the peer lists now: of its other referrers, the oldest is replaced first
   */
  reserve(digest: Digest, peer: PeerId, listed: ReadonlySet<Digest>): Reservation | undefined {
    if (!this.isWanted(digest, peer)) return undefined
    const own = this.#of(peer)
    if (own.length >= MAX_VOUCHED_PER_PEER) {
      const oldest = own.find((other) => !listed.has(other))
      return oldest && this.#put(digest, peer, oldest)
    }
    if (this.#peers.size < MAX_VOUCHED || this.#peers.has(digest)) return this.#put(digest, peer)
    const oldest = this.#oldestOfLargest(peer, own.length)
    return oldest && this.#put(digest, peer, oldest)
  }

  /** Undoes a reservation whose referrer could not be pulled. */
  release({ digest, replaced }: Reservation): void {
    this.#peers.delete(digest)
    if (replaced) this.#peers.set(replaced.digest, replaced.peer)
  }

  #put(digest: Digest, peer: PeerId, oldest?: Digest): Reservation {
    const replaced = oldest && { digest: oldest, peer: this.#peers.get(oldest)! }
    if (oldest) this.#peers.delete(oldest)
    this.#peers.delete(digest)
    this.#peers.set(digest, peer)
    return { digest, peer, replaced }
  }

  /** Strangers make way for a trusted peer; among equals, the one with most for one with clearly fewer. */
  #oldestOfLargest(peer: PeerId, own: number): Digest | undefined {
    const counts = new Map<PeerId, number>()
    for (const other of this.#peers.values()) counts.set(other, (counts.get(other) ?? 0) + 1)
    const mustYield = ([other, count]: [PeerId, number]) =>
      this.#outranks(peer, other) || (!this.#outranks(other, peer) && count > own + 1)
    const [largest] = [...counts]
      .filter(mustYield)
      .sort(([one, count], [other, otherCount]) => this.#rank(one) - this.#rank(other) || otherCount - count)
    return largest && this.#of(largest[0])[0]
  }

  #of(peer: PeerId): Digest[] {
    return [...this.#peers].flatMap(([digest, voucher]) => (voucher === peer ? [digest] : []))
  }

  #outranks(peer: PeerId, other: PeerId): boolean {
    return this.#rank(peer) > this.#rank(other)
  }

  #rank(peer: PeerId): number {
    return this.#trust.isTrusted(peer) ? 1 : 0
  }
}
