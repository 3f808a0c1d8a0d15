/**
 * Signatures, SBOMs and attestations of a manifest that peers have received. A manifest proves by its digest what it
 * says, but not that it belongs to the image that it names: that is the word of whoever pushed it, so only peers that are
 * trusted are asked, unless the configuration widens it.
 */
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import type { Store } from '../store/store.ts'
import { ask } from './ask.ts'
import type { Holder } from './holders.ts'
import { inParallel } from './in-parallel.ts'
import type { Manifests } from './manifests.ts'
import { haveSchema, referrersSchema } from './messages.ts'
import { newNonce } from './nonce.ts'
import type { Network, PeerId } from './ports.ts'
import { MOST_OF_PEER, ReferrerRoom } from './referrer-room.ts'
import type { Standing } from './standing.ts'
import { isStatedBy, referrersStatement } from './statements.ts'
import type { Trust } from './trust.ts'

export interface Referrers {
  /** Brings into the repository what refers to `subject` at the peers that are believed. Never fails. */
  merge(repository: string, subject: Digest, options: { readonly signal: AbortSignal }): Promise<void>
}

export interface ReferrersParts {
  readonly network: Network
  readonly standing: Standing
  readonly trust: Trust
  readonly manifests: Pick<Manifests, 'bringFrom'>
  readonly store: Pick<Store, 'catalog' | 'blobs'>
  readonly settings: Pick<Config['swarm'], 'stall' | 'referrers'>
  readonly log: Log
}

/** Bytes of one: signatures and SBOMs are blobs, their manifests are small. */
export const MOST_BYTES = 64 * 1024

const AT_ONCE = 4

/** What one merge is about. */
interface Merge {
  readonly repository: string
  readonly subject: Digest
  readonly room: ReferrerRoom
  readonly signal: AbortSignal
}

export function createReferrers(parts: ReferrersParts): Referrers {
  const { network, standing, trust, manifests, store, settings, log } = parts
  const { catalog } = store

  /** What the peer lists, as far as it counts. */
  async function listOf(peer: PeerId, subject: Digest, signal: AbortSignal): Promise<ReadonlySet<Digest>> {
    const nonce = newNonce()
    const question = { ask: 'referrers', digest: subject, nonce } as const
    const { digests, signature } = await ask(network, peer, question, referrersSchema, { signal })
    const statement = referrersStatement(nonce, subject, digests)
    if (await isStatedBy(peer, statement, signature, network.verify))
      return new Set(digests.slice(0, MOST_OF_PEER))
    standing.putAside(peer, 'lied', 'it did not sign its list of referrers')
    return new Set()
  }

  /** How the peer offers those that are not here; what is too large is not taken. */
  async function offered(peer: PeerId, digests: readonly Digest[], signal: AbortSignal) {
    if (digests.length === 0) return []
    const { offers } = await ask(network, peer, { ask: 'have', digests: [...digests] }, haveSchema, {
      signal,
    })
    return digests.flatMap((digest, position): { digest: Digest; holder: Holder }[] => {
      const offer = offers[position]
      return offer && offer.size <= MOST_BYTES ? [{ digest, holder: { peer, offer } }] : []
    })
  }

  async function vouch({ repository, subject }: Merge, peer: PeerId, digest: Digest, instead?: Digest) {
    await catalog.transaction(({ vouching }) => vouching.vouch(repository, subject, { digest, peer }), {
      durable: false,
    })
    if (instead) await store.blobs.release(instead, ({ vouching }) => vouching.drop(repository, instead))
  }

  async function mergeFrom(peer: PeerId, merge: Merge): Promise<void> {
    const { repository, subject, room, signal } = merge
    const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.stall)])
    const listed = await listOf(peer, subject, limit)
    const wanted = [...listed].filter((digest) => room.isWanted(digest, peer))
    if (wanted.length === 0) return

    const here = [
      ...wanted.filter((digest) => room.has(digest)),
      ...(await catalog.vouching.unlisted(repository, subject, wanted, MOST_BYTES)),
    ]
    for (const digest of here) {
      const place = room.take(digest, peer, listed)
      if (place) await vouch(merge, peer, digest, place.instead)
    }

    const missing = (await catalog.manifests.missingManifests(repository, wanted)) as Digest[]
    await inParallel(AT_ONCE, await offered(peer, missing, limit), async ({ digest, holder }) => {
      if (standing.asideOf(peer) || !room.isWanted(digest, peer)) return
      const place = room.take(digest, peer, listed)
      const isHere = place && (await manifests.bringFrom(holder, { repository, digest, subject }, { signal }))
      if (isHere) await vouch(merge, peer, digest, place.instead)
    })
  }

  const isBelieved = (peer: PeerId): boolean => settings.referrers === 'all' || trust.isTrusted(peer)

  return {
    async merge(repository, subject, { signal }) {
      const peers = network.peers().filter((peer) => isBelieved(peer) && !standing.asideOf(peer))
      if (peers.length === 0) return
      const room = new ReferrerRoom(await catalog.vouching.vouched(repository, subject), trust)
      const merges = peers.map((peer) =>
        mergeFrom(peer, { repository, subject, room, signal }).catch((error: unknown) =>
          log.debug('referrers of a peer were not merged', { peer, subject, err: error }),
        ),
      )
      await Promise.all(merges)
    },
  }
}
