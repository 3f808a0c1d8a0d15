/**
 * Asks peers which repositories and tags they have. A list proves nothing, so no peer is penalized for it. Only its form
 * and its order are checked; the order makes sure that following pages comes to an end.
 */
import { LRUCache } from 'lru-cache'
import type * as z from 'zod/mini'
import type { AbortOptions } from '../../async/abortable.ts'
import type { Config } from '../../config.ts'
import type { Log } from '../../log.ts'
import type { Digest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import type { Network, PeerId } from '../ports.ts'
import { request } from '../protocol/client.ts'
import {
  type ListedRepository,
  type ListedTag,
  type ListPage,
  type ListRequest,
  MAX_PAGE_ENTRIES,
  repositoriesResponseSchema,
  tagsResponseSchema,
} from '../protocol/list-messages.ts'
import { haveResponseSchema } from '../protocol/messages.ts'

export interface ListRange {
  /** The last name of the page before. */
  readonly last?: string | undefined
  /** How many entries; a page has at most {@link MAX_PAGE_ENTRIES}. */
  readonly limit: number
}

/** Lists reject with a {@link RegistryError} whose `detail.reason` is a {@link ListFailure}. */
export interface PeerLists {
  /** Whether the peer lists what it has; `false` if it does not respond within `swarm.timeout`. Never rejects. */
  areShared(peer: PeerId): Promise<boolean>
  repositories(peer: PeerId, range: ListRange, options: AbortOptions): Promise<ListPage<ListedRepository>>
  tags(
    peer: PeerId,
    repository: string,
    range: ListRange,
    options: AbortOptions,
  ): Promise<ListPage<ListedTag>>
}

/**
 * `not-connected`: no such peer is connected. `not-shared`: it does not list what it has. `older`: it does not know the
 * request. `unknown-repository`: it does not have it, or does not share it. `failed`: its response is missing or invalid.
 */
export type ListFailure = 'not-connected' | 'not-shared' | 'older' | 'unknown-repository' | 'failed'

export interface PeerListsDeps {
  readonly network: Network
  readonly settings: Pick<Config['swarm'], 'timeout' | 'stall'>
  readonly log: Log
}

/** Whether they list what they have is remembered for so many peers, and for so long. */
const MAX_PEERS = 1024
const TTL_MS = 60_000

/** Nobody has this digest. A request for it only shows whether a peer responds at all. */
const PROBE = `sha256:${'0'.repeat(64)}` as Digest

export function createPeerLists({ network, settings, log }: PeerListsDeps): PeerLists {
  const isListed = new LRUCache<PeerId, boolean>({ max: MAX_PEERS, ttl: TTL_MS })

  /** Peers that are older close the stream of a list request, but respond to other requests. */
  async function isOlder(peer: PeerId, signal: AbortSignal): Promise<boolean> {
    const response = request(network, peer, { ask: 'have', digests: [PROBE] }, haveResponseSchema, { signal })
    return response.then(
      () => true,
      () => false,
    )
  }

  async function send<T>(peer: PeerId, message: ListRequest, schema: z.ZodMiniType<T>, signal: AbortSignal) {
    if (!network.peers().includes(peer)) throw listError('not-connected', peer)
    try {
      return await request(network, peer, message, schema, { signal })
    } catch (error) {
      signal.throwIfAborted()
      log.debug('a peer did not list what it has', { peer, err: error })
      const reason = !isSchemaError(error) && (await isOlder(peer, signal)) ? 'older' : 'failed'
      throw listError(reason, peer, error)
    }
  }

  /** Gives up on a peer that does not respond within `swarm.stall`. */
  async function inTime<T>(
    peer: PeerId,
    { signal }: AbortOptions,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const limit = AbortSignal.timeout(settings.stall)
    try {
      return await work(signal ? AbortSignal.any([signal, limit]) : limit)
    } catch (error) {
      if (error instanceof RegistryError || signal?.aborted) throw error
      throw listError('failed', peer, error)
    }
  }

  const lists: PeerLists = {
    async areShared(peer) {
      const known = isListed.get(peer)
      if (known !== undefined) return known
      const signal = AbortSignal.timeout(settings.timeout)
      return lists.repositories(peer, { limit: 1 }, { signal }).then(
        () => true,
        () => false,
      )
    },

    repositories: (peer, range, options) =>
      inTime(peer, options, async (signal) => {
        const message = { ask: 'repositories', ...fieldsOf(range) } as const
        const page = await send(peer, message, repositoriesResponseSchema, signal).catch((error) => {
          if (listFailureOf(error) === 'older') isListed.set(peer, false)
          throw error
        })
        isListed.set(peer, page !== null)
        if (!page) throw listError('not-shared', peer)
        return requireOrder(page, range, peer)
      }),

    tags: (peer, repository, range, options) =>
      inTime(peer, options, async (signal) => {
        const response = await send(
          peer,
          { ask: 'tags', repository, ...fieldsOf(range) },
          tagsResponseSchema,
          signal,
        )
        if (!response) throw listError('not-shared', peer)
        if (!response.page) throw listError('unknown-repository', peer)
        return requireOrder(response.page, range, peer)
      }),
  }
  return lists
}

const fieldsOf = ({ last, limit }: ListRange) => ({
  ...(last !== undefined && { last }),
  limit: Math.max(1, Math.min(limit, MAX_PAGE_ENTRIES)),
})

/** Each entry must come after the one before, the first after `last`; a page with more to follow must not be empty. */
function requireOrder<Entry extends { readonly name: string }>(
  page: ListPage<Entry>,
  { last = '', limit }: ListRange,
  peer: PeerId,
): ListPage<Entry> {
  let before = last
  const isInOrder = page.entries.every(({ name }) => {
    const isNext = name > before
    before = name
    return isNext
  })
  if (isInOrder && page.entries.length <= limit && (page.entries.length > 0 || !page.more)) return page
  throw listError(
    'failed',
    peer,
    new Error('the list is out of order, too long, or empty with more to follow'),
  )
}

const isSchemaError = (error: unknown): boolean => (error as Error | null)?.name === '$ZodError'

export const listFailureOf = (error: unknown): ListFailure | undefined =>
  ((error as RegistryError | null)?.detail as { readonly reason?: ListFailure } | undefined)?.reason

const MESSAGES = {
  'not-connected': ['UNAVAILABLE', 404, 'no peer of this id is connected'],
  'not-shared': ['DENIED', 403, 'this peer does not tell what it has (its setting swarm.share.list)'],
  older: ['UNSUPPORTED', 404, 'this peer runs an older version, which cannot list what it has'],
  'unknown-repository': ['NAME_UNKNOWN', 404, 'this peer does not have the repository, or does not share it'],
  failed: ['UNAVAILABLE', 503, 'this peer did not respond, or its response was invalid'],
} as const

function listError(reason: ListFailure, peer: PeerId, cause?: unknown): RegistryError {
  const [code, status, message] = MESSAGES[reason]
  return new RegistryError(code, message, { status, detail: { reason, peer }, cause })
}
