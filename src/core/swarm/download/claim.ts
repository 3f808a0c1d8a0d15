/**
 * What a peer claims a blob to be made of: its size and the hash of each leaf. Every leaf that arrives is checked against
 * such a list, and the whole blob against its digest at the end, so the list needn't be trusted. Lists are the one thing
 * that downloads hold in memory as a whole, so all of them share a budget.
 */

import type * as z from 'zod/mini'
import { raceSignal } from '../../async/abortable.ts'
import { delay } from '../../async/delay.ts'
import type { Bytes } from '../../blobs/ports.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import { EMPTY_HASH, rootOf } from '../../dag/dag.ts'
import { HASH_SIZE, hashAt, hashBytesOf, leafCount } from '../../leaf.ts'
import type { Log } from '../../log.ts'
import type { Digest } from '../../oci/digest.ts'
import type { PeerBackoff } from '../lookup/peer-backoff.ts'
import type { Provider } from '../lookup/providers.ts'
import type { Network, PeerId } from '../ports.ts'
import { cancel, openRequest } from '../protocol/client.ts'
import { leavesResponseSchema, type Offer } from '../protocol/messages.ts'

/** Larger blobs aren't downloaded from peers, since a list of their leaves would take too much memory. */
export const MAX_BLOB_BYTES = 1024 ** 4

export interface Claim {
  /** Of the blob, in bytes. */
  readonly size: number
  /** The sha-256 of each leaf, 32 bytes each. */
  readonly leaves: Uint8Array
  /** Their root CID. Together with the size, it stands for the list. */
  readonly root: string
}

/** What a peer has claimed can't be true. */
export class InvalidClaimError extends Error {
  override readonly name = 'InvalidClaimError'
}

export const hashOf = ({ leaves }: Pick<Claim, 'leaves'>, leaf: number): Uint8Array => hashAt(leaves, leaf)

export const isEqual = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

/** The leaves that a provider names. @throws InvalidClaimError if they contradict each other or its offer */
async function requestLeaves(
  network: Network,
  digest: Digest,
  { peer, offer }: Provider,
  signal: AbortSignal,
): Promise<Claim> {
  const { value, bytes } = await openRequest(network, peer, { ask: 'leaves', digest }, signal)
  const { size, root } = requireOffered(offer, value, () => cancel(bytes))
  const leaves = await raceSignal(readAll(bytes, leafCount(size) * HASH_SIZE), signal)
  const actual = String(await rootOf(leaves, size))
  if (actual !== root || actual !== (offer.root ?? root))
    throw new InvalidClaimError('the leaves have another root than the peer said')
  return { size, leaves, root }
}

/** What the peer says about its leaves, if that agrees with its offer. */
function requireOffered(
  offer: Offer,
  value: unknown,
  onFailure: () => void,
): z.infer<typeof leavesResponseSchema> {
  try {
    const response = leavesResponseSchema.parse(value)
    const agrees = response.size === offer.size && response.leaves === leafCount(response.size)
    if (!agrees) throw new InvalidClaimError('the leaves are of another size than the peer offered')
    return response
  } catch (error) {
    onFailure()
    throw error
  }
}

/** Of a blob that is one leaf, whose hash is the digest. */
export function ownClaim(digest: Digest, size: number): Claim {
  const hash = hashBytesOf(digest)
  if (size === 0 && !isEqual(hash, EMPTY_HASH)) throw new InvalidClaimError('the blob is not empty')
  return { size, leaves: hash.subarray(0, leafCount(size) * HASH_SIZE), root: '' }
}

/** Takes memory as bytes arrive, not as they are promised. @throws InvalidClaimError if there are more than `length` */
async function readAll(bytes: Bytes, length: number): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let read = 0
  for await (const chunk of bytes) {
    read += chunk.length
    if (read > length) throw new InvalidClaimError('the peer sends more leaves than it said')
    chunks.push(chunk.slice())
  }
  if (read < length) throw new Error('the peer sends fewer leaves than it said')
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}

/** What the catalog knows; `undefined` if it doesn't, or if the digest itself is the hash of the only leaf. */
export async function recordedClaim(
  { shareFacts: sharing, leaves: lists }: Pick<Catalog, 'shareFacts' | 'leaves'>,
  digest: Digest,
): Promise<Claim | undefined> {
  const [facts, leaves] = await Promise.all([sharing.factsOf(digest), lists.get(digest)])
  if (!facts || !leaves) return undefined
  const { size, root } = facts
  return { size, leaves, root: root ?? String(await rootOf(leaves, size)) }
}

/** Bytes of memory for all lists. */
export class LeafListBudget {
  #free: number

  constructor(bytes: number) {
    this.#free = bytes
  }

  /** `false` if fewer bytes are free. */
  take(bytes: number): boolean {
    if (bytes > this.#free) return false
    this.#free -= bytes
    return true
  }

  give(bytes: number): void {
    this.#free += bytes
  }
}

export interface LeafListDeps {
  readonly network: Network
  readonly backoff: PeerBackoff
  readonly log: Log
  /** Milliseconds that a peer has to respond. */
  readonly limit: number
}

/** The list, and the peer that was first to give it. */
interface LeafList {
  readonly claim: Claim
  readonly peer: PeerId
}

/** `undefined` when all providers have failed, now and later, or when the signal aborts. Never rejects. */
export type FetchLeafList = (
  providers: ReadonlyMap<PeerId, Provider>,
  signal: AbortSignal,
) => Promise<LeafList | undefined>

/** A provider that still hashes the leaves has this many times as long. */
const HASHING_FACTOR = 3

/** Milliseconds after which more providers are asked for the same list: twice as many each time, up to the maximum. */
const STAGGER_MS = 100
const MAX_REQUESTS_AT_ONCE = 4

/** Milliseconds between two checks for new providers once all have been asked. */
const CHECK_MS = 250

/** Asks peers that claim the same side by side, so those that are slow to respond cost no time. */
export function createLeafListFetcher(digest: Digest, deps: LeafListDeps): FetchLeafList {
  const { network, backoff, log } = deps

  /** Never rejects. */
  async function requestFrom(provider: Provider, over: AbortSignal): Promise<LeafList | undefined> {
    const { peer, offer } = provider
    try {
      const timeout = AbortSignal.timeout(offer.root ? deps.limit : HASHING_FACTOR * deps.limit)
      const claim = await requestLeaves(network, digest, provider, AbortSignal.any([timeout, over]))
      return { claim, peer }
    } catch (error) {
      if (over.aborted) return undefined
      log.debug('peer does not name the leaves of a blob', { peer, digest, err: error })
      backoff.penalize(peer, error instanceof InvalidClaimError ? 'lied' : 'failed', String(error))
      return undefined
    }
  }

  return async (providers, signal) => {
    const found = new AbortController()
    const over = AbortSignal.any([signal, found.signal])
    const requests = new Map<PeerId, Promise<LeafList | undefined>>()
    const isNext = ({ peer }: Provider) => !requests.has(peer) && !backoff.blockOf(peer)
    try {
      for (let width = 1; ; width = Math.min(MAX_REQUESTS_AT_ONCE, 2 * width)) {
        const next = [...providers.values()].filter(isNext).slice(0, width)
        for (const provider of next) requests.set(provider.peer, requestFrom(provider, over))
        const first = firstOf([...requests.values()]).then((list) => ({ list }))
        const outcome = await Promise.race([first, delay(next.length > 0 ? STAGGER_MS : CHECK_MS, over)])
        if (outcome?.list || signal.aborted) return outcome?.list
        if (outcome && next.length === 0) return undefined
      }
    } finally {
      found.abort()
    }
  }
}

/** The first that has a result; `undefined` when all have ended without one. None of them rejects. */
async function firstOf<T>(attempts: readonly Promise<T | undefined>[]): Promise<T | undefined> {
  const successes = attempts.map(async (attempt) => (await attempt) ?? Promise.reject())
  return Promise.any(successes).catch(() => undefined)
}
