/** Why a manifest is not found, as a sentence for people: docker and others show it as it is. */
import type { Absence } from '../store/absence.ts'

export type Reason = Absence | { readonly reason: 'deleted' }

export interface Wanted {
  readonly name: string
  /** A tag or a digest. */
  readonly reference: string
}

export interface Looked {
  /** Tags of the repository here. */
  readonly here: readonly string[]
  /** Peers were, too. */
  readonly wereAsked: boolean
}

/** Names in a sentence; whoever reads more of them reads the details. */
const MAX_TAGS = 5
const MAX_PEERS = 3

export function absenceInWords(
  { name, reference }: Wanted,
  reason: Reason,
  { here, wereAsked }: Looked,
): string {
  const image = reference.includes(':') ? `${name}@${reference}` : `${name}:${reference}`
  const place = wereAsked ? 'here or at a connected peer' : 'here'
  switch (reason.reason) {
    case 'deleted':
      return `${image} was deleted here, so it is not taken from peers; push it again, or have the owner keep it`
    case 'no-peer':
      return `${image} is not here, and no peer is connected`
    case 'untrusted':
      return `${peersIn(reason.peers)} ${image}, but tags from there are not trusted (swarm.trust)`
    case 'not-given':
      return `${peersIn(reason.peers)} ${image}, but did not give it, or a newer one was seen before`
    case 'unknown-tag':
      return `${name} has no tag ${reference} ${wereAsked ? 'here or at a trusted peer' : 'here'}${tagsIn(reason.tags, here)}`
    case 'unknown-repository':
      return `no repository ${name} is known ${place}`
    case 'unknown-digest':
      return `${image} is not ${place}`
  }
}

function peersIn(peers: readonly string[]): string {
  const ends = peers.slice(0, MAX_PEERS).map((peer) => `…${peer.slice(-6)}`)
  return peers.length === 1 ? `peer ${ends[0]} has` : `${peers.length} peers (${listOf(peers, ends)}) have`
}

function tagsIn(tags: readonly string[], here: readonly string[]): string {
  const [own, foreign] = [tags.filter((tag) => here.includes(tag)), tags.filter((tag) => !here.includes(tag))]
  const part = (what: string, some: readonly string[]) =>
    some.length === 0 ? '' : `; ${what}: ${listOf(some, some.slice(0, MAX_TAGS))}`
  return part('tags here', own) + part('tags at connected peers', foreign)
}

const listOf = (all: readonly string[], shown: readonly string[]): string =>
  shown.join(', ') + (all.length > shown.length ? ', …' : '')
