/**
 * Finds out why peers did not have what was asked for, for a person who waits for the answer: whose tags are not
 * trusted, and which tags there are instead. Apart from looking for it, as this is asked only after a miss.
 */
import type { Reference } from '../oci/name.ts'
import type { Absence, ExplainAbsence } from '../store/absence.ts'
import { ask } from './ask.ts'
import { MOST_LISTED } from './list-messages.ts'
import { tagSchema } from './messages.ts'
import { newNonce } from './nonce.ts'
import type { PeerLists } from './peer-lists.ts'
import type { Network, PeerId } from './ports.ts'
import type { Sharing } from './sharing.ts'
import type { Trust } from './trust.ts'

/** Peers that are asked, and misses that are explained at the same time: whoever asks for much gets fewer words. */
const MOST_PEERS = 16
const MOST_AT_ONCE = 16

export interface ExplainParts {
  readonly network: Network
  readonly lists: PeerLists
  readonly sharing: Pick<Sharing, 'sharesRepository'>
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
    return (await ask(network, peer, question, tagSchema, { signal })).record !== null
  }

  const tagsAt = async (peer: PeerId, repository: string, signal: AbortSignal) => {
    const { entries } = await lists.tags(peer, repository, { limit: MOST_LISTED }, { signal })
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
    const peers = network.peers().slice(0, MOST_PEERS)
    if (peers.length === 0) return { reason: 'no-peer' }
    if (tag === undefined) return { reason: 'unknown-digest' }
    if (underWay >= MOST_AT_ONCE) return undefined
    const limit = AbortSignal.any([AbortSignal.timeout(Math.ceil(within)), ...(signal ? [signal] : [])])
    underWay++
    const all = peers.map((peer) => told(peer, repository, tag, limit))
    return absenceOf(await Promise.all(all).finally(() => underWay--))
  }
}

function absenceOf(all: readonly Told[]): Absence {
  const holders = all.filter(({ hasTag }) => hasTag)
  const trusted = holders.filter(({ isTrusted }) => isTrusted)
  const peers = (some: readonly Told[]) => some.map(({ peer }) => peer)
  if (trusted.length > 0) return { reason: 'not-given', peers: peers(trusted) }
  if (holders.length > 0) return { reason: 'untrusted', peers: peers(holders) }
  if (all.every(({ tags }) => tags === undefined)) return { reason: 'unknown-repository' }
  const tags = all.flatMap(({ isTrusted, tags = [] }) => (isTrusted ? tags : []))
  return { reason: 'unknown-tag', tags: [...new Set(tags)] }
}
