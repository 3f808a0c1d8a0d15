/**
 * Tells peers which repositories and tags are here: what is shared, and only where `swarm.share.list` says so. Whoever is
 * let in may ask, so an answer is small, and all of them together take a part of the time and no more.
 */
import { LRUCache } from 'lru-cache'
import { createSemaphore } from '../../async/semaphore.ts'
import { createTimeShare } from '../../async/time-share.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { RepositoryTotals, TagListing } from '../../catalog/listing.ts'
import type { Config } from '../../config.ts'
import { isManifestType } from '../../oci/media-type.ts'
import {
  isListRequest,
  type ListedRepository,
  type ListedTag,
  type ListPage,
  listRequestSchema,
} from '../protocol/list-messages.ts'
import type { Answer, RequestHandler } from './handler.ts'
import type { SharePolicy } from './share-policy.ts'

/** Of the thread's time that all lists together may take. */
const PART = 1 / 5

/** Questions that are answered at the same time, and milliseconds that one of them may take, its turn included. */
const MAX_AT_ONCE = 8
const TIMEOUT = 20_000

/** Names that are looked through in one piece, as some may not be shared. */
const BATCH = 500

/** Counts and sums that are remembered, and for how many milliseconds. */
const MAX_REMEMBERED = 10_000
const REMEMBERED = 30_000

interface ListAnswersParts {
  readonly catalog: Pick<Catalog, 'repositories' | 'listing'>
  readonly sharing: Pick<SharePolicy, 'sharesRepository'>
  readonly settings: { readonly share: Pick<Config['swarm']['share'], 'list'> }
}

interface Asked {
  readonly last?: string | undefined
  readonly limit: number
}

/** Answers lists itself, and leaves all else to `others`. */
export function createListHandler(
  { catalog, sharing, settings }: ListAnswersParts,
  others: RequestHandler,
): RequestHandler {
  const slots = createSemaphore(MAX_AT_ONCE)
  const share = createTimeShare(PART)
  const remembered = new LRUCache<string, RepositoryTotals | { bytes: number }>({
    max: MAX_REMEMBERED,
    ttl: REMEMBERED,
  })

  async function remember<T extends { bytes: number }>(
    key: string,
    count: () => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const known = () => remembered.get(key) as T | undefined
    const counted = async () => {
      const value = known() ?? (await count())
      remembered.set(key, value)
      return value
    }
    return known() ?? share.run(counted, signal)
  }

  async function describe(name: string, signal: AbortSignal): Promise<ListedRepository> {
    return { name, ...(await remember(name, () => catalog.listing.totals(name), signal)) }
  }

  async function repositories(
    { last, limit }: Asked,
    signal: AbortSignal,
  ): Promise<ListPage<ListedRepository>> {
    const names: string[] = []
    for (let after = last; names.length <= limit; ) {
      const page = { ...(after !== undefined && { last: after }), limit: BATCH }
      const batch = await share.run(() => catalog.repositories.list(page), signal)
      names.push(...batch.filter(sharing.sharesRepository))
      if (batch.length < BATCH) break
      after = batch.at(-1)
    }
    const entries: ListedRepository[] = []
    for (const name of names.slice(0, limit)) entries.push(await describe(name, signal))
    return { entries, more: names.length > limit }
  }

  async function describeTag(repository: string, tag: TagListing, signal: AbortSignal): Promise<ListedTag> {
    const { name, digest, mediaType, at } = tag
    const count = async () => ({ bytes: await catalog.listing.imageBytes(repository, digest) })
    const { bytes } = await remember(`${repository}@${digest}`, count, signal)
    return { name, digest, mediaType, bytes, at }
  }

  async function tags(
    repository: string,
    { last, limit }: Asked,
    signal: AbortSignal,
  ): Promise<ListPage<ListedTag> | null> {
    if (!sharing.sharesRepository(repository) || !(await catalog.repositories.exists(repository))) return null
    const page = { last, limit: limit + 1 }
    const found = await share.run(() => catalog.listing.tags(repository, page), signal)
    const entries: ListedTag[] = []
    for (const tag of found.slice(0, limit)) entries.push(await describeTag(repository, tag, signal))
    return {
      entries: entries.filter(({ mediaType }) => isManifestType(mediaType)),
      more: found.length > limit,
    }
  }

  async function answer(asked: unknown, signal: AbortSignal): Promise<Answer> {
    const question = listRequestSchema.parse(asked)
    if (!settings.share.list) return { value: null }
    if (question.ask === 'repositories') return { value: await repositories(question, signal) }
    return { value: { page: await tags(question.repository, question, signal) } }
  }

  return (asked, peer, options) => {
    if (!isListRequest(asked)) return others(asked, peer, options)
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(TIMEOUT)])
    return slots.run(() => answer(asked, signal), signal)
  }
}
