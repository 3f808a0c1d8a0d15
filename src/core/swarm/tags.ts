/**
 * Tags among peers: a digest proves itself, a tag does not. Only peers that are trusted are asked, each for a record that
 * it signs for this very question; and what was seen once is remembered, so that nobody is led back to an older image,
 * not even by keeping the newest holder away.
 */

import type { Catalog } from '../catalog/catalog.ts'
import type { Sighting } from '../catalog/sightings.ts'
import type { PeerTag } from '../catalog/tags.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { PeerBackoff } from './lookup/peer-backoff.ts'
import type { Trust } from './lookup/trust.ts'
import type { Network, PeerId } from './ports.ts'
import { newNonce } from './protocol/base64url.ts'
import { request } from './protocol/client.ts'
import { type TagRecord, tagSchema } from './protocol/messages.ts'
import { isStatedBy, signStatement, tagStatement } from './protocol/statements.ts'

export interface Tags {
  /** This peer's own record of a tag, for who asks with this nonce. `undefined` where it does not hold the tag. */
  sign(repository: string, tag: string, nonce: string): Promise<TagRecord | undefined>
  /**
   * What the tag names by the newest record of the peers that are trusted. `undefined` also where a newer one was seen
   * before: who has that is away, or is kept away.
   */
  find(
    repository: string,
    tag: string,
    options: { readonly signal: AbortSignal },
  ): Promise<PeerTag | undefined>
}

export interface TagsParts {
  readonly network: Network
  readonly backoff: PeerBackoff
  readonly trust: Trust
  readonly catalog: Pick<Catalog, 'sharing' | 'sightings' | 'transaction'>
  readonly settings: Pick<Config['swarm'], 'timeout'>
  readonly log: Log
}

/** How far the clocks of peers may differ, in milliseconds: a record from later than that would win for ever. */
const CLOCK_SKEW = 5 * 60_000

export function createTags({ network, backoff, trust, catalog, settings, log }: TagsParts): Tags {
  async function askFor(
    peer: PeerId,
    repository: string,
    tag: string,
    signal: AbortSignal,
  ): Promise<PeerTag | undefined> {
    const nonce = newNonce()
    const { record } = await request(network, peer, { ask: 'tag', repository, tag, nonce }, tagSchema, {
      signal,
    })
    if (!record) return undefined
    const { signature, ...said } = record
    const statement = tagStatement(nonce, { repository, tag, ...said })
    if (await isStatedBy(peer, statement, signature, network.verify)) return { ...said, peer }
    backoff.penalize(peer, 'lied', 'its record of a tag does not hold')
    return undefined
  }

  async function askAll(repository: string, tag: string, signal: AbortSignal): Promise<PeerTag[]> {
    const asked = network.peers().filter((peer) => trust.isTrusted(peer) && !backoff.blockOf(peer))
    const answers = asked.map((peer) =>
      askFor(peer, repository, tag, signal).catch((error: unknown) => {
        log.debug('a peer did not answer for a tag', { peer, repository, tag, err: error })
        return undefined
      }),
    )
    const latest = Date.now() + CLOCK_SKEW
    return (await Promise.all(answers)).flatMap((told) => (told && told.taggedAt <= latest ? [told] : []))
  }

  /** Where a peer that somebody named has ever spoken of a tag, mere members of a private swarm do not count. */
  function whoCounts(all: readonly Sighting[]): (one: Sighting) => boolean {
    const isNamed = ({ peer }: Sighting) => trust.isNamed(peer)
    return all.some(isNamed) ? isNamed : ({ peer }) => trust.isTrusted(peer)
  }

  async function remember(
    repository: string,
    tag: string,
    told: readonly PeerTag[],
    seen: readonly Sighting[],
  ) {
    const isNews = ({ peer, taggedAt }: PeerTag) =>
      !seen.some((before) => before.peer === peer && before.taggedAt >= taggedAt)
    const news = told.filter(isNews)
    if (news.length === 0) return
    const note = async ({ sightings }: Pick<Catalog, 'sightings'>) => {
      for (const one of news) await sightings.note(repository, tag, one)
    }
    await catalog.transaction(note, { durable: false })
  }

  return {
    async sign(repository, tag, nonce) {
      const tagging = await catalog.sharing.tagging(repository, tag)
      if (!tagging) return undefined
      const signature = await signStatement(network, tagStatement(nonce, { repository, tag, ...tagging }))
      return { ...tagging, signature }
    },

    async find(repository, tag, { signal }) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.timeout)])
      const all = await askAll(repository, tag, limit)
      if (all.length === 0) return undefined
      const before = await catalog.sightings.of(repository, tag)
      const counts = whoCounts([...before, ...all])
      const [told, seen] = [all.filter(counts).sort(byAge), before.filter(counts).sort(byTime)]
      const [newest] = told
      if (!newest || newest.taggedAt < (seen[0]?.taggedAt ?? 0)) {
        log.warn(AWAY, { repository, tag, peer: seen[0]?.peer, refused: all.map(({ digest }) => digest) })
        return undefined
      }
      await remember(repository, tag, told, before)
      return newest
    },
  }
}

const AWAY = 'a tag is not taken from peers, as the one that showed its newest record is away'

const byTime = (one: Sighting, other: Sighting): number => other.taggedAt - one.taggedAt

/** Newest first; of the same moment, the same one first for everybody. */
const byAge = (one: PeerTag, other: PeerTag): number =>
  byTime(one, other) || (one.digest < other.digest ? -1 : 1)
