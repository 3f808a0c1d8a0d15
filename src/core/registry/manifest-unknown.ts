/**
 * Explains why a manifest is not found, in a message that docker and other clients show: a typing error, a peer whose tags
 * are not trusted and a peer that is away look alike to them. HEAD has no message, and a client of a mirror (`?ns=`) tries
 * the next registry, so neither waits for peers to be asked why.
 */
import { RegistryError } from '../oci/error.ts'
import { parseReference, type Reference } from '../oci/name.ts'
import type { Absence } from '../store/remote.ts'
import type { Context } from './context.ts'

/** To find out why, even if the lookup has used up the timeout. */
const MIN_EXPLAIN_MS = 50

/** Tags of a repository that are searched for similar ones. */
const MAX_TAGS = 250

/** Tags in the details of the error. */
const MAX_SIMILAR_TAGS = 20

/**
 * `undefined` if nobody would read it, or the reference is invalid.
 *
 * @param since - `performance.now()` when the lookup began
 */
export async function explainMissing(
  context: Context,
  repository: string,
  since: number,
): Promise<RegistryError | undefined> {
  const { request, query } = context
  const reference = parseReference(context.parameter('reference'))
  if (!reference || request.method === 'HEAD' || query.has('ns')) return undefined
  const here = await tagsHere(context, repository, reference)
  const answer = await askPeers(context, repository, reference, since)
  const reason = reasonOf(reference, answer, here)
  const shown = { name: context.name, reference: reference.tag ?? reference.digest }
  const message = describeAbsence(shown, reason, { here: here ?? [], hasAskedPeers: answer !== undefined })
  return new RegistryError('MANIFEST_UNKNOWN', message, { detail: { ...shown, ...reason } })
}

/** `undefined` if there is no such repository. */
async function tagsHere(
  { store: { catalog } }: Context,
  repository: string,
  { tag }: Reference,
): Promise<readonly string[] | undefined> {
  if (!(await catalog.repositories.exists(repository))) return undefined
  return tag === undefined ? [] : catalog.tags.list(repository, { limit: MAX_TAGS })
}

/** What peers say; `undefined` if they are not asked. */
async function askPeers(
  { store, config, remote, explain, request: { signal } }: Context,
  repository: string,
  reference: Reference,
  since: number,
): Promise<Reason | undefined> {
  const { tag, digest } = reference
  if (await store.catalog.deletions.has(repository, tag ?? digest)) return { reason: 'deleted' }
  const within = Math.max(MIN_EXPLAIN_MS, config.swarm.timeout - (performance.now() - since))
  return remote && explain?.(repository, reference, { within, signal })
}

/** A repository or a tag is only unknown if neither the peers nor this registry know it. */
function reasonOf(
  { tag }: Reference,
  answer: Reason | undefined,
  here: readonly string[] | undefined,
): Reason {
  const atPeers = answer?.reason === 'unknown-tag' ? answer.tags : undefined
  if (answer && !atPeers && answer.reason !== 'unknown-repository') return answer
  if (tag === undefined) return { reason: 'unknown-digest' }
  if (!atPeers && !here) return { reason: 'unknown-repository' }
  return { reason: 'unknown-tag', tags: mostSimilar([...(atPeers ?? []), ...(here ?? [])], tag) }
}

/** Those with the longest common prefix first, then the newest by their numbers. */
function mostSimilar(tags: readonly string[], wanted: string): string[] {
  const order = (one: string, other: string) =>
    commonPrefix(other, wanted) - commonPrefix(one, wanted) ||
    Number(other === 'latest') - Number(one === 'latest') ||
    other.localeCompare(one, 'en', { numeric: true })
  return [...new Set(tags)].sort(order).slice(0, MAX_SIMILAR_TAGS)
}

/** Number of characters that both begin with. */
function commonPrefix(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return length
}

export type Reason = Absence | { readonly reason: 'deleted' }

export interface MissingManifest {
  readonly name: string
  /** A tag or a digest. */
  readonly reference: string
}

export interface SearchScope {
  /** Tags of the repository here. */
  readonly here: readonly string[]
  readonly hasAskedPeers: boolean
}

/** In the message; the details of the error have more. */
const MAX_TAGS_SHOWN = 5
const MAX_PEERS_SHOWN = 3

export function describeAbsence(
  { name, reference }: MissingManifest,
  reason: Reason,
  { here, hasAskedPeers }: SearchScope,
): string {
  const image = reference.includes(':') ? `${name}@${reference}` : `${name}:${reference}`
  const place = hasAskedPeers ? 'here or at a connected peer' : 'here'
  switch (reason.reason) {
    case 'deleted':
      return `${image} was deleted here, so it is not pulled from peers; push it again, or let the owner keep it`
    case 'no-peer':
      return `${image} is not here, and no peer is connected`
    case 'untrusted':
      return `${peersIn(reason.peers)} ${image}, but tags from there are not trusted (swarm.trust)`
    case 'not-given':
      return `${peersIn(reason.peers)} ${image}, but did not give it, or a newer one was seen before`
    case 'unknown-tag':
      return `${name} has no tag ${reference} ${hasAskedPeers ? 'here or at a trusted peer' : 'here'}${tagsIn(reason.tags, here)}`
    case 'unknown-repository':
      return `no repository ${name} is known ${place}`
    case 'unknown-digest':
      return `${image} is not ${place}`
  }
}

function peersIn(peers: readonly string[]): string {
  const ends = peers.slice(0, MAX_PEERS_SHOWN).map((peer) => `…${peer.slice(-6)}`)
  return peers.length === 1 ? `peer ${ends[0]} has` : `${peers.length} peers (${listOf(peers, ends)}) have`
}

function tagsIn(tags: readonly string[], here: readonly string[]): string {
  const [own, foreign] = [tags.filter((tag) => here.includes(tag)), tags.filter((tag) => !here.includes(tag))]
  const part = (what: string, some: readonly string[]) =>
    some.length === 0 ? '' : `; ${what}: ${listOf(some, some.slice(0, MAX_TAGS_SHOWN))}`
  return part('tags here', own) + part('tags at connected peers', foreign)
}

const listOf = (all: readonly string[], shown: readonly string[]): string =>
  shown.join(', ') + (all.length > shown.length ? ', …' : '')
