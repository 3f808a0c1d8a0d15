/**
 * What the swarm asks of a network: to name the peers in reach, to carry one question to one of them, and to move the
 * bytes of one range. Everything that decides (whom to ask, whom to believe, what to share) is this side of it.
 */
import type { Bytes } from '../blobs/ports.ts'
import type { Digest } from '../oci/digest.ts'
import type { ByteRange } from '../oci/range.ts'
import type { Offer } from './protocol/messages.ts'

/**
 * A peer's id as text, such as `12D3KooW…`. The network has proved that whoever answers is this peer; but by plain HTTP
 * somebody on the way may answer in its place, so what counts only as that peer's word is signed: see `statements.ts`.
 */
export type PeerId = string

interface Waiting {
  readonly signal: AbortSignal
}

/** An answer to a question: a small value, not checked yet, and for some questions bytes after it. */
export interface Response {
  readonly value: unknown
  readonly bytes: Bytes
}

export interface Network {
  readonly self: PeerId
  /** The peers that are connected now and speak our protocol. */
  peers(): readonly PeerId[]
  /** Connects first, where that is needed. `bytes` must be read to its end, or let go of by `return()`. */
  request(peer: PeerId, question: unknown, options: Waiting): Promise<Response>
  /** Peers that said that they have it, as they are found; ends when there are no more, or with the signal. */
  findProviders(digest: Digest, options: Waiting): AsyncIterable<PeerId>
  /** Tells the swarm that this peer has it. */
  provide(digest: Digest, options: Waiting): Promise<void>
  /** Signs with this peer's key. */
  sign(bytes: Uint8Array): Promise<Uint8Array>
  /** The peer gave what proved true: worth finding again. Asked often. */
  reward?(peer: PeerId): void
  /** Whether `signature` is that of `peer`, whose id carries its key. */
  verify(peer: PeerId, bytes: Uint8Array, signature: Uint8Array): Promise<boolean>
}

/** One way to move the bytes of a blob from a peer. */
export interface RangeFetcher {
  /** For logs and counters, such as `http`. */
  readonly name: string
  /** `false` where the offer does not name this road, or the peer could not be reached by it a short while ago. */
  supports(peer: PeerId, offer: Offer): boolean
  /**
   * The bytes of `range`, as many as it has or fewer, never more than the peer sends; nothing is checked yet. Reading
   * slowly makes the peer send slowly.
   */
  fetch(peer: PeerId, offer: Offer, digest: Digest, range: ByteRange, options: Waiting): Bytes
}

/** A leaf and its sha-256. */
export interface HashedLeaf {
  readonly leaf: Uint8Array
  readonly hash: Uint8Array
}

/** The platform's fastest way. Takes the leaf over, and hands it back, maybe as another view of its memory. */
export type HashLeaf = (leaf: Uint8Array) => HashedLeaf | Promise<HashedLeaf>

/** Peers of IPFS at large: they know blocks, by their hashes, and nothing of ours. */
export interface IpfsBlocks {
  /** Those that are connected now and do not speak our protocol. */
  peers(): readonly PeerId[]
  /** The block with this sha-256, in a buffer of its own, handed over. Its hash has been checked. */
  get(peer: PeerId, hash: Uint8Array, options: Waiting): Promise<Uint8Array>
}
