/**
 * What a peer claims that a blob is made of: its size and the hash of each leaf. Every leaf that comes is checked
 * against such a list, and the whole against the digest at the end, so a list needs no trust.
 */
import type * as z from 'zod/mini'
import { orAborted } from '../../async/abortable.ts'
import type { Bytes } from '../../blobs/ports.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import { EMPTY_HASH, rootOf } from '../../dag/dag.ts'
import { HASH_SIZE, hashAt, hashBytesOf, leafCount } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import type { Provider } from '../lookup/providers.ts'
import type { Network } from '../ports.ts'
import { cancel, openRequest } from '../protocol/client.ts'
import { leavesSchema, type Offer } from '../protocol/messages.ts'

/** Larger blobs are not taken from peers: a list of their leaves would be too much to hold. */
export const MAX_BLOB_BYTES = 1024 ** 4

export interface Claim {
  /** Of the blob, in bytes. */
  readonly size: number
  /** The sha-256 of each leaf, 32 bytes apiece. */
  readonly leaves: Uint8Array
  /** Their root CID. With the size, it stands for the whole list. */
  readonly root: string
}

/** What a peer said cannot be true. */
export class InvalidClaimError extends Error {
  override readonly name = 'Lie'
}

export const hashOf = ({ leaves }: Pick<Claim, 'leaves'>, leaf: number): Uint8Array => hashAt(leaves, leaf)

export const isEqual = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

/** What a holder names as its leaves. @throws Lie where its answer contradicts itself, or what it offered */
export async function requestLeaves(
  network: Network,
  digest: Digest,
  { peer, offer }: Provider,
  signal: AbortSignal,
): Promise<Claim> {
  const { value, bytes } = await openRequest(network, peer, { ask: 'leaves', digest }, signal)
  const { size, root } = requireAgreement(offer, value, () => cancel(bytes))
  const leaves = await orAborted(readAll(bytes, leafCount(size) * HASH_SIZE), signal)
  const actual = String(await rootOf(leaves, size))
  if (actual !== root || actual !== (offer.root ?? root))
    throw new InvalidClaimError('leaves of another root')
  return { size, leaves, root }
}

/** What the peer says of its leaves, if that agrees with what it offered. */
function requireAgreement(offer: Offer, value: unknown, onFailure: () => void): z.infer<typeof leavesSchema> {
  try {
    const answer = leavesSchema.parse(value)
    const agrees = answer.size === offer.size && answer.leaves === leafCount(answer.size)
    if (!agrees) throw new InvalidClaimError('not the size that it offered')
    return answer
  } catch (error) {
    onFailure()
    throw error
  }
}

/** Of a blob that is one leaf, whose hash is the digest. */
export function ownClaim(digest: Digest, size: number): Claim {
  const hash = hashBytesOf(digest)
  if (size === 0 && !isEqual(hash, EMPTY_HASH)) throw new InvalidClaimError('not empty')
  return { size, leaves: hash.subarray(0, leafCount(size) * HASH_SIZE), root: '' }
}

/** Memory is taken as bytes come, not as they are promised. @throws Lie where there are more than `length` */
async function readAll(bytes: Bytes, length: number): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let read = 0
  for await (const chunk of bytes) {
    read += chunk.length
    if (read > length) throw new InvalidClaimError('more leaves than it said')
    chunks.push(chunk.slice())
  }
  if (read < length) throw new Error('fewer leaves than it said')
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}

/** `undefined` for what is not in the catalog, and where the digest itself is the hash of the only leaf. */
export async function recordedClaim(
  { sharing, leaves: lists }: Pick<Catalog, 'sharing' | 'leaves'>,
  digest: Digest,
): Promise<Claim | undefined> {
  const [facts, leaves] = await Promise.all([sharing.factsOf(digest), lists.get(digest)])
  if (!facts || !leaves) return undefined
  const { size, root } = facts
  return { size, leaves, root: root ?? String(await rootOf(leaves, size)) }
}
