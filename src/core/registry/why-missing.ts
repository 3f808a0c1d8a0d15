/**
 * Says why a manifest is not found, in words that clients show: a typing error, a peer whose tags are not trusted and a
 * peer that is away look alike to who pulls. Only where somebody reads it: HEAD has no words, and who asks on behalf of
 * another registry (`?ns=`) goes on to that, so neither waits for peers to be asked why.
 */
import { RegistryError } from '../oci/error.ts'
import { parseReference, type Reference } from '../oci/name.ts'
import { absenceInWords, type Reason } from './absence-words.ts'
import type { Context } from './context.ts'

/** Milliseconds to find out why, where looking for it has taken all the time there was. */
const LEAST_TIME = 50

/** Tags of a repository that are looked through, and that are told. */
const MAX_TAGS = 250
const MAX_TOLD = 20

/**
 * `undefined` where nobody would read it, or the reference is none.
 *
 * @param since - `performance.now()` at which it was begun to be looked for
 */
export async function whyMissing(
  context: Context,
  repository: string,
  since: number,
): Promise<RegistryError | undefined> {
  const { request, query } = context
  const reference = parseReference(context.parameter('reference'))
  if (!reference || request.method === 'HEAD' || query.has('ns')) return undefined
  const here = await tagsHere(context, repository, reference)
  const asked = await askedOf(context, repository, reference, since)
  const reason = reasonOf(reference, asked, here)
  const shown = { name: context.name, reference: reference.tag ?? reference.digest }
  const words = absenceInWords(shown, reason, { here: here ?? [], wereAsked: asked !== undefined })
  return new RegistryError('MANIFEST_UNKNOWN', words, { detail: { ...shown, ...reason } })
}

/** `undefined` where there is no such repository. */
async function tagsHere(
  { store: { catalog } }: Context,
  repository: string,
  { tag }: Reference,
): Promise<readonly string[] | undefined> {
  if (!(await catalog.repositories.exists(repository))) return undefined
  return tag === undefined ? [] : catalog.tags.list(repository, { limit: MAX_TAGS })
}

/** What peers say; `undefined` where they are not asked. */
async function askedOf(
  { store, config, remote, explain, request: { signal } }: Context,
  repository: string,
  reference: Reference,
  since: number,
): Promise<Reason | undefined> {
  const { tag, digest } = reference
  if (await store.catalog.deletions.has(repository, tag ?? digest)) return { reason: 'deleted' }
  const within = Math.max(LEAST_TIME, config.swarm.timeout - (performance.now() - since))
  return remote && explain?.(repository, reference, { within, signal })
}

/** That a repository or a tag is unknown is for peers and this registry to say together. */
function reasonOf(
  { tag }: Reference,
  asked: Reason | undefined,
  here: readonly string[] | undefined,
): Reason {
  const atPeers = asked?.reason === 'unknown-tag' ? asked.tags : undefined
  if (asked && !atPeers && asked.reason !== 'unknown-repository') return asked
  if (tag === undefined) return { reason: 'unknown-digest' }
  if (!atPeers && !here) return { reason: 'unknown-repository' }
  return { reason: 'unknown-tag', tags: likest([...(atPeers ?? []), ...(here ?? [])], tag) }
}

/** First those that begin like the one that was asked for, then the newest by their numbers. */
function likest(tags: readonly string[], wanted: string): string[] {
  const order = (one: string, other: string) =>
    alike(other, wanted) - alike(one, wanted) ||
    Number(other === 'latest') - Number(one === 'latest') ||
    other.localeCompare(one, 'en', { numeric: true })
  return [...new Set(tags)].sort(order).slice(0, MAX_TOLD)
}

/** Characters at the beginning of both. */
function alike(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return length
}
