/**
 * Signatures, SBOMs and attestations of a manifest that peers have received. A manifest proves by its digest what it
 * says, but not that it belongs to the image that it names: that is the word of whoever pushed it, so only peers that are
 * trusted are asked, unless the configuration widens it.
 */

import { inParallel } from '../async/parallel.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import type { Store } from '../store/store.ts'
import type { Belonging } from './lookup/belonging.ts'
import type { PeerBackoff } from './lookup/peer-backoff.ts'
import type { Provider } from './lookup/providers.ts'
import type { Trust } from './lookup/trust.ts'
import type { Manifests } from './manifests.ts'
import type { Network, PeerId } from './ports.ts'
import { newNonce } from './protocol/base64url.ts'
import { request } from './protocol/client.ts'
import { haveSchema, type Request, referrersSchema } from './protocol/messages.ts'
import { isStatedBy, referrersStatement } from './protocol/statements.ts'
import { MAX_OF_PEER, type Place, ReferrerRoom } from './referrer-room.ts'

export interface Referrers {
  /** Brings into the repository what refers to `subject` at the peers that are believed. Never fails. */
  merge(repository: string, subject: Digest, options: { readonly signal: AbortSignal }): Promise<void>
}

export interface ReferrersParts {
  readonly network: Network
  readonly backoff: PeerBackoff
  readonly trust: Trust
  readonly manifests: Pick<Manifests, 'bringFrom'>
  readonly belonging: Pick<Belonging, 'isKnown'>
  readonly store: Pick<Store, 'catalog' | 'blobs'>
  readonly settings: Pick<Config['swarm'], 'stall' | 'referrers'>
  readonly log: Log
}

/** Bytes of one: signatures and SBOMs are blobs, their manifests are small. */
export const MAX_BYTES = 64 * 1024

const AT_ONCE = 4

/** What one merge is about. */
interface Merge {
  readonly repository: string
  readonly subject: Digest
  /** Where peers must have them: anywhere, if the subject is known to belong to the repository. */
  readonly within: readonly string[] | undefined
  readonly room: ReferrerRoom
  /** What is being brought now, by digest. */
  readonly coming: Map<Digest, Promise<unknown>>
  readonly signal: AbortSignal
}

/** A referrer, and how a peer offers it. */
interface Offered {
  readonly digest: Digest
  readonly provider: Provider
}

export function createReferrers(parts: ReferrersParts): Referrers {
  const { network, backoff, trust, manifests, belonging, store, settings, log } = parts
  const { catalog } = store

  /** What the peer lists, as far as it counts. */
  async function listOf(peer: PeerId, subject: Digest, signal: AbortSignal): Promise<ReadonlySet<Digest>> {
    const nonce = newNonce()
    const question = { ask: 'referrers', digest: subject, nonce } as const
    const { digests, signature } = await request(network, peer, question, referrersSchema, { signal })
    const statement = referrersStatement(nonce, subject, digests)
    if (await isStatedBy(peer, statement, signature, network.verify))
      return new Set(digests.slice(0, MAX_OF_PEER))
    backoff.penalize(peer, 'lied', 'it did not sign its list of referrers')
    return new Set()
  }

  /** How the peer offers those that are not here; what is too large is not taken. */
  async function offered(
    peer: PeerId,
    digests: readonly Digest[],
    repositories: readonly string[] | undefined,
    signal: AbortSignal,
  ) {
    if (digests.length === 0) return []
    const question: Request = {
      ask: 'have',
      digests: [...digests],
      ...(repositories && { repositories: [...repositories] }),
    }
    const { offers } = await request(network, peer, question, haveSchema, { signal })
    return digests.flatMap((digest, position): Offered[] => {
      const offer = offers[position]
      return offer && offer.size <= MAX_BYTES ? [{ digest, provider: { peer, offer } }] : []
    })
  }

  async function list({ repository, subject }: Merge, { digest, peer, instead }: Place): Promise<void> {
    await catalog.transaction(({ vouching }) => vouching.vouch(repository, subject, { digest, peer }), {
      durable: false,
    })
    if (instead)
      await store.blobs.release(instead.digest, ({ vouching }) => vouching.drop(repository, instead.digest))
  }

  /** A peer that lists what it does not give keeps nobody else from giving it. */
  async function bring(
    merge: Merge,
    { digest, provider }: Offered,
    listed: ReadonlySet<Digest>,
  ): Promise<void> {
    const { repository, subject, room, coming, signal } = merge
    const { peer } = provider
    for (let other = coming.get(digest); other; other = coming.get(digest)) await other
    const place = backoff.blockOf(peer) ? undefined : room.take(digest, peer, listed)
    if (!place) return
    const attempt = manifests
      .bringFrom(provider, { repository, digest, subject }, { signal })
      .catch((err: unknown) => void log.debug('a referrer did not come', { peer, digest, err }))
      .finally(() => coming.delete(digest))
    coming.set(digest, attempt)
    if (await attempt) await list(merge, place)
    else room.giveBack(place)
  }

  async function mergeFrom(peer: PeerId, merge: Merge): Promise<void> {
    const { repository, subject, within, room, signal } = merge
    const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.stall)])
    const listed = await listOf(peer, subject, limit)
    const told = [...listed].filter((digest) => room.isWanted(digest, peer))
    const wanted = await catalog.deletions.without(repository, told)
    if (wanted.length === 0) return
    const unlisted = await catalog.vouching.unlisted(repository, subject, wanted, MAX_BYTES)
    for (const digest of [...wanted.filter((digest) => room.has(digest)), ...unlisted]) {
      const place = room.take(digest, peer, listed)
      if (place) await list(merge, place)
    }
    const missing = (await catalog.manifests.missingManifests(repository, wanted)) as Digest[]
    const offers = await offered(peer, missing, within, limit)
    await inParallel(AT_ONCE, offers, (offer) => bring(merge, offer, listed))
  }

  const isBelieved = (peer: PeerId): boolean => settings.referrers === 'all' || trust.isTrusted(peer)

  return {
    async merge(repository, subject, { signal }) {
      const peers = network.peers().filter((peer) => isBelieved(peer) && !backoff.blockOf(peer))
      if (peers.length === 0) return
      const room = new ReferrerRoom(await catalog.vouching.vouched(repository, subject), trust)
      const within = (await belonging.isKnown(repository, subject)) ? undefined : [repository]
      const merge: Merge = { repository, subject, within, room, coming: new Map(), signal }
      const merges = peers.map((peer) =>
        mergeFrom(peer, merge).catch((error: unknown) =>
          log.debug('referrers of a peer were not merged', { peer, subject, err: error }),
        ),
      )
      await Promise.all(merges)
    },
  }
}
