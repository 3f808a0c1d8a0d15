/**
 * Reads something small from peers: a manifest, or a blob for a preview. Separate from downloads because it is verified as
 * a whole, in memory, and comes from one provider after the other.
 */
import { abortable } from '../async/abortable.ts'
import { delay } from '../async/delay.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { algorithmOf, type Digest, type DigestOf } from '../oci/digest.ts'
import { InvalidClaimError } from './download/claim.ts'
import { type AliasedRepository, type Membership, namesOf } from './lookup/membership.ts'
import type { PeerBackoff } from './lookup/peer-backoff.ts'
import type { ContentRouting, Provider } from './lookup/providers.ts'
import type { Network } from './ports.ts'
import { openRequest } from './protocol/client.ts'
import { type Offer, rangeResponseSchema } from './protocol/messages.ts'

export interface WantedContent extends AliasedRepository {
  readonly digest: Digest
  /** A tag of the repository names it, so it belongs there wherever it comes from. */
  readonly isNamed?: boolean
}

/** What is read, and how it is checked. */
export interface ContentKind<T> {
  isOffered(offer: Offer): boolean
  /** Called with bytes whose digest is right. @throws InvalidClaimError if they are not what the provider offered */
  parse(bytes: Uint8Array<ArrayBuffer>, offer: Offer): T
}

export interface Verified<T> {
  readonly bytes: Uint8Array
  readonly value: T
  readonly provider: Provider
}

interface ReadOptions {
  readonly signal: AbortSignal
}

export interface SmallReads {
  /** From the first provider that gives it; `undefined` if none does. */
  read<T>(wanted: WantedContent, kind: ContentKind<T>, options: ReadOptions): Promise<Verified<T> | undefined>
  /** From this provider alone. Never rejects: a provider that fails is penalized and logged. */
  readFrom<T>(
    provider: Provider,
    digest: Digest,
    kind: ContentKind<T>,
    options: ReadOptions,
  ): Promise<Verified<T> | undefined>
}

export interface SmallReadsDeps {
  readonly network: Network
  readonly routing: ContentRouting
  readonly membership: Pick<Membership, 'isKnown'>
  readonly backoff: PeerBackoff
  readonly digestOf: DigestOf
  readonly settings: Pick<Config['swarm'], 'timeout' | 'stall'>
  readonly log: Log
}

/** Providers that are waited for at the same time: the next one is tried when one is slow. */
const MAX_ATTEMPTS = 4

export function createSmallReads(deps: SmallReadsDeps): SmallReads {
  const { network, routing, membership, backoff, digestOf, settings, log } = deps

  async function attempt<T>(
    provider: Provider,
    digest: Digest,
    kind: ContentKind<T>,
    signal: AbortSignal,
  ): Promise<Verified<T> | undefined> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.stall)])
    const bytes = await receive(network, provider, digest, limit)
    if (!bytes) return undefined
    if ((await digestOf(bytes, algorithmOf(digest))) !== digest)
      throw new InvalidClaimError('the bytes have another digest')
    return { bytes, provider, value: kind.parse(bytes, provider.offer) }
  }

  async function readFrom<T>(
    provider: Provider,
    digest: Digest,
    kind: ContentKind<T>,
    { signal }: ReadOptions,
  ) {
    if (!kind.isOffered(provider.offer)) return undefined
    try {
      return await attempt(provider, digest, kind, signal)
    } catch (error) {
      if (signal.aborted) return undefined
      backoff.penalize(provider.peer, error instanceof InvalidClaimError ? 'lied' : 'failed', String(error))
      log.debug('a peer did not give what it offered', { peer: provider.peer, digest, err: error })
      return undefined
    }
  }

  async function readFirst<T>(wanted: WantedContent, kind: ContentKind<T>, signal: AbortSignal) {
    const { repository, digest, isNamed } = wanted
    const attempts: Promise<Verified<T> | undefined>[] = []
    const isOfRepository = isNamed || (await membership.isKnown(repository, digest))
    const repositories = isOfRepository ? undefined : namesOf(wanted)
    for await (const provider of routing.findProviders(digest, { signal, repositories })) {
      if (!kind.isOffered(provider.offer)) continue
      attempts.push(readFrom(provider, digest, kind, { signal }))
      const patience = attempts.length < MAX_ATTEMPTS ? settings.timeout : settings.stall
      const verified = await Promise.race([firstOf(attempts), delay(patience, signal)])
      if (verified) return verified
    }
    return firstOf(attempts)
  }

  return {
    readFrom,

    async read(wanted, kind, { signal }) {
      const done = new AbortController()
      const limit = AbortSignal.timeout(2 * settings.stall)
      try {
        return await readFirst(wanted, kind, AbortSignal.any([signal, done.signal, limit]))
      } finally {
        done.abort()
      }
    },
  }
}

/** The first result; `undefined` if all attempts end without one. No attempt rejects. */
async function firstOf<T>(attempts: readonly Promise<T | undefined>[]): Promise<T | undefined> {
  const successes = attempts.map(async (attempt) => (await attempt) ?? Promise.reject())
  return Promise.any(successes).catch(() => undefined)
}

/** `undefined` if the peer no longer has it. */
async function receive(
  network: Network,
  { peer, offer }: Provider,
  digest: Digest,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const message = { ask: 'range', digest, start: 0, end: offer.size - 1 } as const
  const { value, bytes } = await openRequest(network, peer, message, signal)
  const received = new Uint8Array(offer.size)
  let filled = 0
  for await (const chunk of abortable(bytes, signal)) {
    if (filled + chunk.length > received.length)
      throw new InvalidClaimError('the peer sent more bytes than it offered')
    received.set(chunk, filled)
    filled += chunk.length
  }
  if (value === null) return undefined
  const { size, length } = rangeResponseSchema.parse(value)
  if (size !== offer.size || length !== offer.size)
    throw new InvalidClaimError('the size in the response differs from the offer')
  if (filled < length) throw new Error('the peer ended the stream too early')
  return received
}
