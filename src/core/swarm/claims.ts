/**
 * What a peer claims that a blob is made of: its size and the hash of each leaf. Every leaf that comes is checked
 * against such a list, and the whole against the digest at the end, so a list needs no trust.
 */
import type * as z from 'zod/mini'
import type { Bytes } from '../blobs/ports.ts'
import { LEAF_SIZE } from '../catalog/blobs.ts'
import { HASH_SIZE } from '../catalog/blocks.ts'
import { EMPTY_HASH, rootOf } from '../dag/dag.ts'
import { algorithmOf, type Digest, encodedOf } from '../oci/digest.ts'
import type { Holder } from './holders.ts'
import { leavesSchema, type Offer } from './messages.ts'
import type { Network } from './ports.ts'
import { askPeer, letGo, orAborted } from './question.ts'

/** Larger blobs are not taken from peers: a list of their leaves would be too much to hold. */
export const LARGEST = 1024 ** 4

export interface Claim {
  /** Of the blob, in bytes. */
  readonly size: number
  /** The sha-256 of each leaf, 32 bytes apiece. */
  readonly leaves: Uint8Array
  /** Their root CID. With the size, it stands for the whole list. */
  readonly root: string
}

/** What a peer said cannot be true. */
export class Lie extends Error {
  override readonly name = 'Lie'
}

export const leafCount = (size: number): number => Math.ceil(size / LEAF_SIZE)

/** The bytes of one leaf of a blob. */
export const leafLength = (size: number, leaf: number): number => Math.min(LEAF_SIZE, size - leaf * LEAF_SIZE)

export const hashOf = ({ leaves }: Pick<Claim, 'leaves'>, leaf: number): Uint8Array =>
  leaves.subarray(leaf * HASH_SIZE, (leaf + 1) * HASH_SIZE)

/** Whether the digest is the hash of the only leaf, so that no list is needed. */
export const isOwnLeaf = (digest: Digest, size: number): boolean =>
  size <= LEAF_SIZE && algorithmOf(digest) === 'sha256'

export const isEqual = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

/** What a holder names as its leaves. @throws Lie where its answer contradicts itself, or what it offered */
export async function askLeaves(
  network: Network,
  digest: Digest,
  { peer, offer }: Holder,
  signal: AbortSignal,
): Promise<Claim> {
  const { value, bytes } = await askPeer(network, peer, { ask: 'leaves', digest }, signal)
  const { size, root } = requireAgreement(offer, value, () => letGo(bytes))
  const leaves = await orAborted(readAll(bytes, leafCount(size) * HASH_SIZE), signal)
  const actual = String(await rootOf(leaves, size))
  if (actual !== root || actual !== (offer.root ?? root)) throw new Lie('leaves of another root')
  return { size, leaves, root }
}

/** What the peer says of its leaves, if that agrees with what it offered. */
function requireAgreement(offer: Offer, value: unknown, onFailure: () => void): z.infer<typeof leavesSchema> {
  try {
    const answer = leavesSchema.parse(value)
    const agrees = answer.size === offer.size && answer.leaves === leafCount(answer.size)
    if (!agrees) throw new Lie('not the size that it offered')
    return answer
  } catch (error) {
    onFailure()
    throw error
  }
}

/** Of a blob that is one leaf, whose hash is the digest. */
export function ownClaim(digest: Digest, size: number): Claim {
  const hex = encodedOf(digest)
  const hash = Uint8Array.from({ length: HASH_SIZE }, (_, at) =>
    Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16),
  )
  if (size === 0 && !isEqual(hash, EMPTY_HASH)) throw new Lie('not empty')
  return { size, leaves: hash.subarray(0, leafCount(size) * HASH_SIZE), root: '' }
}

/** Memory is taken as bytes come, not as they are promised. @throws Lie where there are more than `length` */
async function readAll(bytes: Bytes, length: number): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let read = 0
  for await (const chunk of bytes) {
    read += chunk.length
    if (read > length) throw new Lie('more leaves than it said')
    chunks.push(chunk.slice())
  }
  if (read < length) throw new Error('fewer leaves than it said')
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}
