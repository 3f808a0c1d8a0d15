/**
 * What the swarm needs of a network: it names the peers that are connected, carries a request to one of them, and moves
 * the bytes of a range. Everything that decides (which peers to ask, what to believe, what to share) is in the swarm.
 */
import type { Bytes } from '../blobs/ports.ts'
import type { Digest } from '../oci/digest.ts'
import type { ByteRange } from '../oci/range.ts'
import type { Offer } from './protocol/messages.ts'

/**
 * A peer's id as text, such as `12D3KooW…`. The network has proved that responses come from this peer, except over plain
 * HTTP, where somebody in between may respond in its place. What counts only as this peer's word is therefore signed: see
 * `statements.ts`.
 */
export type PeerId = string

interface Abortable {
  readonly signal: AbortSignal
}

/** A response: a small value, not validated yet, and for some requests bytes after it. */
export interface PeerResponse {
  readonly value: unknown
  readonly bytes: Bytes
}

export interface Network {
  readonly self: PeerId
  /** The peers that are connected now and speak our protocol. */
  peers(): readonly PeerId[]
  /** Connects first, if needed. `bytes` must be read to its end, or ended by `return()`. */
  request(peer: PeerId, message: unknown, options: Abortable): Promise<PeerResponse>
  /** Peers that have announced the digest, as they are found. Ends when there are no more, or with the signal. */
  findProviders(digest: Digest, options: Abortable): AsyncIterable<PeerId>
  /** Announces that this peer has the digest. */
  provide(digest: Digest, options: Abortable): Promise<void>
  /** Signs with this peer's key. */
  sign(bytes: Uint8Array): Promise<Uint8Array>
  /** The peer gave something that was verified, so it is worth finding again. Called often. */
  reward?(peer: PeerId): void
  /** Whether `signature` is by `peer`, whose id contains its public key. */
  verify(peer: PeerId, bytes: Uint8Array, signature: Uint8Array): Promise<boolean>
}

/** One way to fetch the bytes of a blob from a peer. */
export interface RangeFetcher {
  /** For logs and counters, such as `http`. */
  readonly name: string
  /** `false` if the offer does not name this protocol, or the peer could not be reached by it a short while ago. */
  supports(peer: PeerId, offer: Offer): boolean
  /**
   * The bytes of `range`, unverified: all of them or fewer, and no more than the peer sends. Reading slowly makes the
   * peer send slowly.
   */
  fetch(peer: PeerId, offer: Offer, digest: Digest, range: ByteRange, options: Abortable): Bytes
}

/** A leaf and its sha-256. */
export interface HashedLeaf {
  readonly leaf: Uint8Array
  readonly hash: Uint8Array
}

/** The platform's fastest hash. Takes ownership of the leaf and returns it, possibly as another view of its memory. */
export type HashLeaf = (leaf: Uint8Array) => HashedLeaf | Promise<HashedLeaf>

/** IPFS peers that do not speak our protocol: they know blocks by their hashes, and no registries. */
export interface IpfsBlocks {
  /** Those that are connected now. */
  peers(): readonly PeerId[]
  /** The block with this sha-256, verified, in a buffer that the caller owns. */
  get(peer: PeerId, hash: Uint8Array, options: Abortable): Promise<Uint8Array>
}
