/**
 * Reads something small from peers: a manifest, or a blob that is only looked at. It is asked of one holder after the
 * other and verified whole, in memory, which is why it does not go the way of blobs.
 */
import { abortable } from '../async/abortable.ts'
import { delay } from '../async/delay.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { algorithmOf, type Digest, type DigestOf } from '../oci/digest.ts'
import { InvalidClaimError } from './download/claim.ts'
import { type Belonging, namesOf, type Place } from './lookup/belonging.ts'
import type { PeerBackoff } from './lookup/peer-backoff.ts'
import type { ContentRouting, Provider } from './lookup/providers.ts'
import type { Network } from './ports.ts'
import { openRequest } from './protocol/client.ts'
import { type Offer, rangeSchema } from './protocol/messages.ts'

export interface Wanted extends Place {
  readonly digest: Digest
  /** A tag of the repository names it, so that it belongs there wherever it comes from. */
  readonly isNamed?: boolean
}

/** What is read, and how it is told from lies. */
export interface Kind<T> {
  isOffered(offer: Offer): boolean
  /** Its digest is right already. @throws Lie where it is not what the holder says it is */
  parse(bytes: Uint8Array<ArrayBuffer>, offer: Offer): T
}

export interface Verified<T> {
  readonly bytes: Uint8Array
  readonly value: T
  readonly provider: Provider
}

interface Waiting {
  readonly signal: AbortSignal
}

export interface SmallReads {
  /** From the first holder that gives it; `undefined` where nobody does. */
  read<T>(wanted: Wanted, kind: Kind<T>, options: Waiting): Promise<Verified<T> | undefined>
  /** From this holder alone. Never fails: a holder that does is put aside, and the log says why. */
  readFrom<T>(
    provider: Provider,
    digest: Digest,
    kind: Kind<T>,
    options: Waiting,
  ): Promise<Verified<T> | undefined>
}

export interface SmallReadsParts {
  readonly network: Network
  readonly routing: ContentRouting
  readonly belonging: Pick<Belonging, 'isKnown'>
  readonly backoff: PeerBackoff
  readonly digestOf: DigestOf
  readonly settings: Pick<Config['swarm'], 'timeout' | 'stall'>
  readonly log: Log
}

/** Holders that are waited for at once: the next is tried when one takes long. */
const MAX_ATTEMPTS = 4

export function createSmallReads(parts: SmallReadsParts): SmallReads {
  const { network, routing, belonging, backoff, digestOf, settings, log } = parts

  async function attempt<T>(
    provider: Provider,
    digest: Digest,
    kind: Kind<T>,
    signal: AbortSignal,
  ): Promise<Verified<T> | undefined> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.stall)])
    const bytes = await receive(network, provider, digest, limit)
    if (!bytes) return undefined
    if ((await digestOf(bytes, algorithmOf(digest))) !== digest)
      throw new InvalidClaimError('its digest is another')
    return { bytes, provider, value: kind.parse(bytes, provider.offer) }
  }

  async function readFrom<T>(provider: Provider, digest: Digest, kind: Kind<T>, { signal }: Waiting) {
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

  async function readFirst<T>(wanted: Wanted, kind: Kind<T>, signal: AbortSignal) {
    const { repository, digest, isNamed } = wanted
    const attempts: Promise<Verified<T> | undefined>[] = []
    const isAnywhere = isNamed || (await belonging.isKnown(repository, digest))
    const repositories = isAnywhere ? undefined : namesOf(wanted)
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

/** The first that has a result; `undefined` when all have ended without one. None of them fails. */
async function firstOf<T>(attempts: readonly Promise<T | undefined>[]): Promise<T | undefined> {
  const successes = attempts.map(async (attempt) => (await attempt) ?? Promise.reject())
  return Promise.any(successes).catch(() => undefined)
}

/** `undefined` where the peer does not have it any more. */
async function receive(
  network: Network,
  { peer, offer }: Provider,
  digest: Digest,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const question = { ask: 'range', digest, start: 0, end: offer.size - 1 } as const
  const { value, bytes } = await openRequest(network, peer, question, signal)
  const whole = new Uint8Array(offer.size)
  let filled = 0
  for await (const chunk of abortable(bytes, signal)) {
    if (filled + chunk.length > whole.length) throw new InvalidClaimError('it sent more than it offered')
    whole.set(chunk, filled)
    filled += chunk.length
  }
  if (value === null) return undefined
  const { size, length } = rangeSchema.parse(value)
  if (size !== offer.size || length !== offer.size)
    throw new InvalidClaimError('its size is not what it offered')
  if (filled < length) throw new Error('it broke off')
  return whole
}
