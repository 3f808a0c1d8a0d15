/**
 * Lists the shared repositories and tags for peers, if `swarm.share.list` allows it. Any peer that may connect may ask,
 * so pages are small, and all list requests together take no more than a share of the thread's time.
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
import type { HandlerResponse, RequestHandler } from './handler.ts'
import type { SharePolicy } from './share-policy.ts'

/** Of the thread's time, for all lists together. */
const TIME_SHARE = 1 / 5

const MAX_CONCURRENT_REQUESTS = 8

/** For one request, including its time in the queue. */
const TIMEOUT_MS = 20_000

/** Names that are read at once. Some may not be shared. */
const BATCH_SIZE = 500

/** Counts and sums are cached: so many, and for so long. */
const MAX_CACHED = 10_000
const CACHE_TTL_MS = 30_000

interface ListHandlerDeps {
  readonly catalog: Pick<Catalog, 'repositories' | 'listing'>
  readonly sharing: Pick<SharePolicy, 'sharesRepository'>
  readonly settings: { readonly share: Pick<Config['swarm']['share'], 'list'> }
}

interface ListRange {
  readonly last?: string | undefined
  readonly limit: number
}

/** Responds to list requests and passes all other requests on to `next`. */
export function createListHandler(
  { catalog, sharing, settings }: ListHandlerDeps,
  next: RequestHandler,
): RequestHandler {
  const slots = createSemaphore(MAX_CONCURRENT_REQUESTS)
  const share = createTimeShare(TIME_SHARE)
  const cache = new LRUCache<string, RepositoryTotals | { bytes: number }>({
    max: MAX_CACHED,
    ttl: CACHE_TTL_MS,
  })

  async function cached<T extends { bytes: number }>(
    key: string,
    count: () => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const known = () => cache.get(key) as T | undefined
    const countAndCache = async () => {
      const value = known() ?? (await count())
      cache.set(key, value)
      return value
    }
    return known() ?? share.run(countAndCache, signal)
  }

  async function describe(name: string, signal: AbortSignal): Promise<ListedRepository> {
    return { name, ...(await cached(name, () => catalog.listing.totals(name), signal)) }
  }

  async function repositories(
    { last, limit }: ListRange,
    signal: AbortSignal,
  ): Promise<ListPage<ListedRepository>> {
    const names: string[] = []
    for (let after = last; names.length <= limit; ) {
      const page = { ...(after !== undefined && { last: after }), limit: BATCH_SIZE }
      const batch = await share.run(() => catalog.repositories.list(page), signal)
      names.push(...batch.filter(sharing.sharesRepository))
      if (batch.length < BATCH_SIZE) break
      after = batch.at(-1)
    }
    const entries: ListedRepository[] = []
    for (const name of names.slice(0, limit)) entries.push(await describe(name, signal))
    return { entries, more: names.length > limit }
  }

  async function describeTag(repository: string, tag: TagListing, signal: AbortSignal): Promise<ListedTag> {
    const { name, digest, mediaType, at } = tag
    const count = async () => ({ bytes: await catalog.listing.imageBytes(repository, digest) })
    const { bytes } = await cached(`${repository}@${digest}`, count, signal)
    return { name, digest, mediaType, bytes, at }
  }

  async function tags(
    repository: string,
    { last, limit }: ListRange,
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

  async function respond(message: unknown, signal: AbortSignal): Promise<HandlerResponse> {
    const request = listRequestSchema.parse(message)
    if (!settings.share.list) return { value: null }
    if (request.ask === 'repositories') return { value: await repositories(request, signal) }
    return { value: { page: await tags(request.repository, request, signal) } }
  }

  return (message, peer, options) => {
    if (!isListRequest(message)) return next(message, peer, options)
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(TIMEOUT_MS)])
    return slots.run(() => respond(message, signal), signal)
  }
}
