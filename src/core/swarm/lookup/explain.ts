/**
 * Finds out why no peer had what a person asked for: whose tags are not trusted, and which tags exist instead. Separate
 * from the lookup itself because it runs only after a miss.
 */

import type { Reference } from '../../oci/name.ts'
import type { Absence, ExplainAbsence } from '../../store/remote.ts'
import type { Network, PeerId } from '../ports.ts'
import { request } from '../protocol/client.ts'
import { MAX_PAGE_ENTRIES } from '../protocol/list-messages.ts'
import { tagResponseSchema } from '../protocol/messages.ts'
import { newNonce } from '../protocol/nonce.ts'
import type { SharePolicy } from '../serve/share-policy.ts'
import type { PeerLists } from './peer-lists.ts'
import type { Trust } from './trust.ts'

/** Peers that are asked about one miss. */
const MAX_PEERS = 16

/** Misses beyond these are not explained, because a client may cause any number of them. */
const MAX_CONCURRENT_EXPLANATIONS = 16

export interface ExplainDeps {
  readonly network: Network
  readonly lists: PeerLists
  readonly sharing: Pick<SharePolicy, 'sharesRepository'>
  readonly trust: Trust
}

/** What one peer has. */
interface Finding {
  readonly peer: PeerId
  readonly isTrusted: boolean
  readonly hasTag: boolean
  /** Of the repository; `undefined` if the peer does not have it or does not list it. */
  readonly tags: readonly string[] | undefined
}

export function createExplain({ network, lists, sharing, trust }: ExplainDeps): ExplainAbsence {
  const hasTag = async (peer: PeerId, repository: string, tag: string, signal: AbortSignal) => {
    const message = { ask: 'tag', repository, tag, nonce: newNonce() } as const
    return (await request(network, peer, message, tagResponseSchema, { signal })).record !== null
  }

  const tagsOf = async (peer: PeerId, repository: string, signal: AbortSignal) => {
    const { entries } = await lists.tags(peer, repository, { limit: MAX_PAGE_ENTRIES }, { signal })
    return entries.map(({ name }) => name)
  }

  async function inspect(
    peer: PeerId,
    repository: string,
    tag: string,
    signal: AbortSignal,
  ): Promise<Finding> {
    const [has, tags] = await Promise.all([
      hasTag(peer, repository, tag, signal).catch(() => false),
      tagsOf(peer, repository, signal).catch(() => undefined),
    ])
    return { peer, isTrusted: trust.isTrusted(peer), hasTag: has, tags }
  }

  let running = 0
  return async (repository, { tag }: Reference, { within, signal }) => {
    if (!sharing.sharesRepository(repository)) return undefined
    const peers = network.peers().slice(0, MAX_PEERS)
    if (peers.length === 0) return { reason: 'no-peer' }
    if (tag === undefined) return { reason: 'unknown-digest' }
    if (running >= MAX_CONCURRENT_EXPLANATIONS) return undefined
    const limit = AbortSignal.any([AbortSignal.timeout(Math.ceil(within)), ...(signal ? [signal] : [])])
    running++
    const findings = peers.map((peer) => inspect(peer, repository, tag, limit))
    return absenceOf(await Promise.all(findings).finally(() => running--))
  }
}

function absenceOf(findings: readonly Finding[]): Absence {
  const providers = findings.filter(({ hasTag }) => hasTag)
  const trusted = providers.filter(({ isTrusted }) => isTrusted)
  const peers = (some: readonly Finding[]) => some.map(({ peer }) => peer)
  if (trusted.length > 0) return { reason: 'not-given', peers: peers(trusted) }
  if (providers.length > 0) return { reason: 'untrusted', peers: peers(providers) }
  if (findings.every(({ tags }) => tags === undefined)) return { reason: 'unknown-repository' }
  const tags = findings.flatMap(({ isTrusted, tags = [] }) => (isTrusted ? tags : []))
  return { reason: 'unknown-tag', tags: [...new Set(tags)] }
}
