/**
 * Tags among peers. A digest proves itself, a tag does not: only trusted peers are asked, and each signs its record for
 * this very request. Records are remembered, so that nobody can roll a tag back to an older image, not even by keeping
 * away the peer that has the newest record.
 */

import type { Catalog } from '../catalog/catalog.ts'
import type { PeerTag, SeenTag } from '../catalog/tags.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { PeerBackoff } from './lookup/peer-backoff.ts'
import type { Trust } from './lookup/trust.ts'
import type { Network, PeerId } from './ports.ts'
import { request } from './protocol/client.ts'
import { type TagRecord, tagResponseSchema } from './protocol/messages.ts'
import { newNonce } from './protocol/nonce.ts'
import { isStatedBy, signStatement, tagStatement } from './protocol/statements.ts'

export interface Tags {
  /** This peer's own record of a tag, for a requester's nonce. `undefined` if it does not have the tag. */
  sign(repository: string, tag: string, nonce: string): Promise<TagRecord | undefined>
  /**
   * What the tag names according to the newest record of trusted peers. `undefined` also if a newer record was seen
   * before, whose peer is not reachable now.
   */
  find(
    repository: string,
    tag: string,
    options: { readonly signal: AbortSignal },
  ): Promise<PeerTag | undefined>
}

export interface TagsDeps {
  readonly network: Network
  readonly backoff: PeerBackoff
  readonly trust: Trust
  readonly catalog: Pick<Catalog, 'shareFacts' | 'seenTags' | 'transaction'>
  readonly settings: Pick<Config['swarm'], 'timeout'>
  readonly log: Log
}

/** How far the clocks of peers may differ: a record from further in the future would win for ever. */
const MAX_CLOCK_SKEW_MS = 5 * 60_000

export function createTags({ network, backoff, trust, catalog, settings, log }: TagsDeps): Tags {
  async function requestFrom(
    peer: PeerId,
    repository: string,
    tag: string,
    signal: AbortSignal,
  ): Promise<PeerTag | undefined> {
    const nonce = newNonce()
    const message = { ask: 'tag', repository, tag, nonce } as const
    const { record } = await request(network, peer, message, tagResponseSchema, { signal })
    if (!record) return undefined
    const { signature, ...unsigned } = record
    const statement = tagStatement(nonce, { repository, tag, ...unsigned })
    if (await isStatedBy(peer, statement, signature, network.verify)) return { ...unsigned, peer }
    backoff.penalize(peer, 'lied', 'the signature of its tag record is not valid')
    return undefined
  }

  async function requestFromAll(repository: string, tag: string, signal: AbortSignal): Promise<PeerTag[]> {
    const peers = network.peers().filter((peer) => trust.isTrusted(peer) && !backoff.blockOf(peer))
    const responses = peers.map((peer) =>
      requestFrom(peer, repository, tag, signal).catch((error: unknown) => {
        log.debug('a peer did not respond to a request for a tag', { peer, repository, tag, err: error })
        return undefined
      }),
    )
    const latest = Date.now() + MAX_CLOCK_SKEW_MS
    const records = await Promise.all(responses)
    return records.flatMap((record) => (record && record.taggedAt <= latest ? [record] : []))
  }

  /** Once a peer that the user named has spoken of a tag, mere members of a private swarm no longer count for it. */
  function authorityOf(sightings: readonly SeenTag[]): (sighting: SeenTag) => boolean {
    const isNamed = ({ peer }: SeenTag) => trust.isNamed(peer)
    return sightings.some(isNamed) ? isNamed : ({ peer }) => trust.isTrusted(peer)
  }

  async function remember(
    repository: string,
    tag: string,
    records: readonly PeerTag[],
    seen: readonly SeenTag[],
  ) {
    const isNew = ({ peer, taggedAt }: PeerTag) =>
      !seen.some((known) => known.peer === peer && known.taggedAt >= taggedAt)
    const added = records.filter(isNew)
    if (added.length === 0) return
    const note = async ({ seenTags }: Pick<Catalog, 'seenTags'>) => {
      for (const record of added) await seenTags.note(repository, tag, record)
    }
    await catalog.transaction(note, { durable: false })
  }

  return {
    async sign(repository, tag, nonce) {
      const tagging = await catalog.shareFacts.tagging(repository, tag)
      if (!tagging) return undefined
      const signature = await signStatement(network, tagStatement(nonce, { repository, tag, ...tagging }))
      return { ...tagging, signature }
    },

    async find(repository, tag, { signal }) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.timeout)])
      const all = await requestFromAll(repository, tag, limit)
      if (all.length === 0) return undefined
      const before = await catalog.seenTags.of(repository, tag)
      const counts = authorityOf([...before, ...all])
      const records = all.filter(counts).sort(newestFirst)
      const [latestSeen] = before.filter(counts).sort(byTime)
      const [newest] = records
      if (!newest || newest.taggedAt < (latestSeen?.taggedAt ?? 0)) {
        const refused = all.map(({ digest }) => digest)
        log.warn(ROLLED_BACK, { repository, tag, peer: latestSeen?.peer, refused })
        return undefined
      }
      await remember(repository, tag, records, before)
      return newest
    },
  }
}

const ROLLED_BACK =
  'a tag is not taken from peers, because the peer that had its newest record is not reachable'

const byTime = (one: SeenTag, other: SeenTag): number => other.taggedAt - one.taggedAt

/** At equal times by digest, so that every peer chooses the same one. */
const newestFirst = (one: PeerTag, other: PeerTag): number =>
  byTime(one, other) || (one.digest < other.digest ? -1 : 1)
