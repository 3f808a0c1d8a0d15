/**
 * Room for what is listed as a referrer on the word of peers, of one manifest: small, as a peer may make up as many as
 * it likes, and shared so that no peer keeps another's out. What was pushed has no part in it.
 */
import type { Vouched } from '../catalog/vouching.ts'
import type { Digest } from '../oci/digest.ts'
import type { Trust } from './lookup/trust.ts'
import type { PeerId } from './ports.ts'

/** On the word of one peer. */
export const MAX_OF_PEER = 64

/** On the word of all peers together. */
export const MAX_OF_ALL = 512

export interface Place extends Vouched {
  /** What has to go for it. */
  readonly instead?: Vouched | undefined
}

export class ReferrerRoom {
  readonly #trust: Pick<Trust, 'isTrusted'>
  /** By digest, in the order in which they came. */
  readonly #peers: Map<Digest, PeerId>

  constructor(vouched: readonly Vouched[], trust: Pick<Trust, 'isTrusted'>) {
    this.#trust = trust
    this.#peers = new Map(vouched.map(({ digest, peer }) => [digest, peer]))
  }

  has(digest: Digest): boolean {
    return this.#peers.has(digest)
  }

  /** Whether this peer's word for it would tell anything new: the word of one that is trusted weighs more. */
  isWanted(digest: Digest, peer: PeerId): boolean {
    const before = this.#peers.get(digest)
    return before === undefined || this.#outranks(peer, before)
  }

  /**
   * Takes a place, and gives it. `undefined` where there is none, or it is not wanted.
   *
   * @param listed - what the peer lists now: of the rest that is here on its word, the oldest goes first
   */
  take(digest: Digest, peer: PeerId, listed: ReadonlySet<Digest>): Place | undefined {
    if (!this.isWanted(digest, peer)) return undefined
    const own = this.#of(peer)
    if (own.length >= MAX_OF_PEER) {
      const old = own.find((one) => !listed.has(one))
      return old && this.#put(digest, peer, old)
    }
    if (this.#peers.size < MAX_OF_ALL || this.#peers.has(digest)) return this.#put(digest, peer)
    const old = this.#oldestOfGreediest(peer, own.length)
    return old && this.#put(digest, peer, old)
  }

  /** For what did not come after all. */
  giveBack({ digest, instead }: Place): void {
    this.#peers.delete(digest)
    if (instead) this.#peers.set(instead.digest, instead.peer)
  }

  #put(digest: Digest, peer: PeerId, old?: Digest): Place {
    const instead = old && { digest: old, peer: this.#peers.get(old)! }
    if (old) this.#peers.delete(old)
    this.#peers.delete(digest)
    this.#peers.set(digest, peer)
    return { digest, peer, instead }
  }

  /** Strangers give way to who is trusted; among equals, who has most gives way to who has clearly fewer. */
  #oldestOfGreediest(peer: PeerId, own: number): Digest | undefined {
    const shares = new Map<PeerId, number>()
    for (const other of this.#peers.values()) shares.set(other, (shares.get(other) ?? 0) + 1)
    const mayPush = ([other, share]: [PeerId, number]) =>
      this.#outranks(peer, other) || (!this.#outranks(other, peer) && share > own + 1)
    const [greediest] = [...shares]
      .filter(mayPush)
      .sort(([one, share], [other, otherShare]) => this.#rank(one) - this.#rank(other) || otherShare - share)
    return greediest && this.#of(greediest[0])[0]
  }

  #of(peer: PeerId): Digest[] {
    return [...this.#peers].flatMap(([digest, by]) => (by === peer ? [digest] : []))
  }

  #outranks(peer: PeerId, other: PeerId): boolean {
    return this.#rank(peer) > this.#rank(other)
  }

  #rank(peer: PeerId): number {
    return this.#trust.isTrusted(peer) ? 1 : 0
  }
}
