/**
 * Finds out why peers did not have what was asked for, for a person who waits for the answer: whose tags are not
 * trusted, and which tags there are instead. Apart from looking for it, as this is asked only after a miss.
 */

import type { Reference } from '../../oci/name.ts'
import type { Absence, ExplainAbsence } from '../../store/absence.ts'
import type { Network, PeerId } from '../ports.ts'
import { newNonce } from '../protocol/base64url.ts'
import { request } from '../protocol/client.ts'
import { MAX_LISTED } from '../protocol/list-messages.ts'
import { tagSchema } from '../protocol/messages.ts'
import type { SharePolicy } from '../serve/share-policy.ts'
import type { PeerLists } from './peer-lists.ts'
import type { Trust } from './trust.ts'

/** Peers that are asked, and misses that are explained at the same time: whoever asks for much gets fewer words. */
const MAX_PEERS = 16
const MAX_AT_ONCE = 16

export interface ExplainParts {
  readonly network: Network
  readonly lists: PeerLists
  readonly sharing: Pick<SharePolicy, 'sharesRepository'>
  readonly trust: Trust
}

/** What one peer says. */
interface Told {
  readonly peer: PeerId
  readonly isTrusted: boolean
  readonly hasTag: boolean
  /** Of the repository; `undefined` where it does not have that, or does not tell. */
  readonly tags: readonly string[] | undefined
}

export function createExplain({ network, lists, sharing, trust }: ExplainParts): ExplainAbsence {
  const hasTag = async (peer: PeerId, repository: string, tag: string, signal: AbortSignal) => {
    const question = { ask: 'tag', repository, tag, nonce: newNonce() } as const
    return (await request(network, peer, question, tagSchema, { signal })).record !== null
  }

  const tagsAt = async (peer: PeerId, repository: string, signal: AbortSignal) => {
    const { entries } = await lists.tags(peer, repository, { limit: MAX_LISTED }, { signal })
    return entries.map(({ name }) => name)
  }

  async function told(peer: PeerId, repository: string, tag: string, signal: AbortSignal): Promise<Told> {
    const [has, tags] = await Promise.all([
      hasTag(peer, repository, tag, signal).catch(() => false),
      tagsAt(peer, repository, signal).catch(() => undefined),
    ])
    return { peer, isTrusted: trust.isTrusted(peer), hasTag: has, tags }
  }

  let underWay = 0
  return async (repository, { tag }: Reference, { within, signal }) => {
    if (!sharing.sharesRepository(repository)) return undefined
    const peers = network.peers().slice(0, MAX_PEERS)
    if (peers.length === 0) return { reason: 'no-peer' }
    if (tag === undefined) return { reason: 'unknown-digest' }
    if (underWay >= MAX_AT_ONCE) return undefined
    const limit = AbortSignal.any([AbortSignal.timeout(Math.ceil(within)), ...(signal ? [signal] : [])])
    underWay++
    const all = peers.map((peer) => told(peer, repository, tag, limit))
    return absenceOf(await Promise.all(all).finally(() => underWay--))
  }
}

function absenceOf(all: readonly Told[]): Absence {
  const providers = all.filter(({ hasTag }) => hasTag)
  const trusted = providers.filter(({ isTrusted }) => isTrusted)
  const peers = (some: readonly Told[]) => some.map(({ peer }) => peer)
  if (trusted.length > 0) return { reason: 'not-given', peers: peers(trusted) }
  if (providers.length > 0) return { reason: 'untrusted', peers: peers(providers) }
  if (all.every(({ tags }) => tags === undefined)) return { reason: 'unknown-repository' }
  const tags = all.flatMap(({ isTrusted, tags = [] }) => (isTrusted ? tags : []))
  return { reason: 'unknown-tag', tags: [...new Set(tags)] }
}
