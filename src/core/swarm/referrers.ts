/**
 * Pulls signatures, SBOMs and attestations of a manifest from peers. The digest of a referrer proves its content, but not
 * that it belongs to the image that it names. That rests on the word of a peer, so only trusted peers are asked, unless
 * `swarm.referrers` says otherwise.
 */

import { inParallel } from '../async/semaphore.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import type { Store } from '../store/store.ts'
import type { Membership } from './lookup/membership.ts'
import type { PeerBackoff } from './lookup/peer-backoff.ts'
import type { Provider } from './lookup/providers.ts'
import type { Trust } from './lookup/trust.ts'
import type { Manifests } from './manifests.ts'
import type { Network, PeerId } from './ports.ts'
import { request } from './protocol/client.ts'
import { haveResponseSchema, type PeerRequest, referrersResponseSchema } from './protocol/messages.ts'
import { newNonce } from './protocol/nonce.ts'
import { isStatedBy, referrersStatement } from './protocol/statements.ts'
import { MAX_VOUCHED_PER_PEER, ReferrerQuota, type Reservation } from './referrer-quota.ts'

export interface Referrers {
  /** Pulls into the repository what refers to `subject` according to the peers that are believed. Never rejects. */
  merge(repository: string, subject: Digest, options: { readonly signal: AbortSignal }): Promise<void>
}

export interface ReferrersDeps {
  readonly network: Network
  readonly backoff: PeerBackoff
  readonly trust: Trust
  readonly manifests: Pick<Manifests, 'pullFrom'>
  readonly membership: Pick<Membership, 'isKnown'>
  readonly store: Pick<Store, 'catalog' | 'blobs'>
  readonly settings: Pick<Config['swarm'], 'stall' | 'referrers'>
  readonly log: Log
}

/** Bytes of a referrer's manifest, which is small: signatures and SBOMs themselves are blobs. */
export const MAX_REFERRER_BYTES = 64 * 1024

const MAX_CONCURRENT_PULLS = 4

interface Merge {
  readonly repository: string
  readonly subject: Digest
  /** Where peers must have the referrers: anywhere, if the subject is known to belong to the repository. */
  readonly repositories: readonly string[] | undefined
  readonly quota: ReferrerQuota
  /** The pulls that are under way, by digest. */
  readonly pulls: Map<Digest, Promise<unknown>>
  readonly signal: AbortSignal
}

/** A referrer, and a peer that offers it. */
interface OfferedReferrer {
  readonly digest: Digest
  readonly provider: Provider
}

export function createReferrers(deps: ReferrersDeps): Referrers {
  const { network, backoff, trust, manifests, membership, store, settings, log } = deps
  const { catalog } = store

  /** The referrers that the peer lists, if it signed the list; no more of them than it may vouch for. */
  async function listOf(peer: PeerId, subject: Digest, signal: AbortSignal): Promise<ReadonlySet<Digest>> {
    const nonce = newNonce()
    const message = { ask: 'referrers', digest: subject, nonce } as const
    const { digests, signature } = await request(network, peer, message, referrersResponseSchema, { signal })
    const statement = referrersStatement(nonce, subject, digests)
    if (await isStatedBy(peer, statement, signature, network.verify))
      return new Set(digests.slice(0, MAX_VOUCHED_PER_PEER))
    backoff.penalize(peer, 'lied', 'the signature of its list of referrers is not valid')
    return new Set()
  }

  /** Which of these the peer offers, except those that are too large. */
  async function offersOf(
    peer: PeerId,
    digests: readonly Digest[],
    repositories: readonly string[] | undefined,
    signal: AbortSignal,
  ) {
    if (digests.length === 0) return []
    const message: PeerRequest = {
      ask: 'have',
      digests: [...digests],
      ...(repositories && { repositories: [...repositories] }),
    }
    const { offers } = await request(network, peer, message, haveResponseSchema, { signal })
    return digests.flatMap((digest, position): OfferedReferrer[] => {
      const offer = offers[position]
      return offer && offer.size <= MAX_REFERRER_BYTES ? [{ digest, provider: { peer, offer } }] : []
    })
  }

  async function list(
    { repository, subject }: Merge,
    { digest, peer, replaced }: Reservation,
  ): Promise<void> {
    await catalog.transaction(
      ({ peerReferrers }) => peerReferrers.vouch(repository, subject, { digest, peer }),
      {
        durable: false,
      },
    )
    if (replaced) {
      const { digest: old } = replaced
      await store.blobs.release(old, ({ peerReferrers }) => peerReferrers.drop(repository, old))
    }
  }

  /** If another pull of the same referrer fails, this one is tried, so no peer can keep out what it only lists. */
  async function pull(
    merge: Merge,
    { digest, provider }: OfferedReferrer,
    listed: ReadonlySet<Digest>,
  ): Promise<void> {
    const { repository, subject, quota, pulls, signal } = merge
    const { peer } = provider
    for (let other = pulls.get(digest); other; other = pulls.get(digest)) await other
    const reservation = backoff.blockOf(peer) ? undefined : quota.reserve(digest, peer, listed)
    if (!reservation) return
    const attempt = manifests
      .pullFrom(provider, { repository, digest, subject }, { signal })
      .catch((err: unknown) => void log.debug('a referrer could not be pulled', { peer, digest, err }))
      .finally(() => pulls.delete(digest))
    pulls.set(digest, attempt)
    if (await attempt) await list(merge, reservation)
    else quota.release(reservation)
  }

  async function mergeFrom(peer: PeerId, merge: Merge): Promise<void> {
    const { repository, subject, repositories, quota, signal } = merge
    const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.stall)])
    const listed = await listOf(peer, subject, limit)
    const news = [...listed].filter((digest) => quota.isWanted(digest, peer))
    const wanted = await catalog.deletions.without(repository, news)
    if (wanted.length === 0) return
    const unlisted = await catalog.peerReferrers.unlisted(repository, subject, wanted, MAX_REFERRER_BYTES)
    for (const digest of [...wanted.filter((digest) => quota.has(digest)), ...unlisted]) {
      const reservation = quota.reserve(digest, peer, listed)
      if (reservation) await list(merge, reservation)
    }
    const missing = (await catalog.manifests.missingManifests(repository, wanted)) as Digest[]
    const offers = await offersOf(peer, missing, repositories, limit)
    await inParallel(MAX_CONCURRENT_PULLS, offers, (offer) => pull(merge, offer, listed))
  }

  const isBelieved = (peer: PeerId): boolean => settings.referrers === 'all' || trust.isTrusted(peer)

  return {
    async merge(repository, subject, { signal }) {
      const peers = network.peers().filter((peer) => isBelieved(peer) && !backoff.blockOf(peer))
      if (peers.length === 0) return
      const quota = new ReferrerQuota(await catalog.peerReferrers.list(repository, subject), trust)
      const repositories = (await membership.isKnown(repository, subject)) ? undefined : [repository]
      const merge: Merge = { repository, subject, repositories, quota, pulls: new Map(), signal }
      const merges = peers.map((peer) =>
        mergeFrom(peer, merge).catch((error: unknown) =>
          log.debug('referrers of a peer were not merged', { peer, subject, err: error }),
        ),
      )
      await Promise.all(merges)
    },
  }
}
