/**
 * Asks peers which repositories and tags they have. What comes back binds nobody, so no peer is judged by it; it is held
 * to its form and to its order, by which a list always goes on and no page leads back.
 */
import { LRUCache } from 'lru-cache'
import type * as z from 'zod/mini'
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
  MAX_LISTED,
  repositoriesSchema,
  tagsSchema,
} from '../protocol/list-messages.ts'
import { haveSchema } from '../protocol/messages.ts'

export interface ListRange {
  /** The last name of the page before. */
  readonly last?: string | undefined
  /** Entries, of which a page has {@link MAX_LISTED} at the most. */
  readonly limit: number
}

interface Waiting {
  readonly signal?: AbortSignal | undefined
}

/** Each fails with a {@link RegistryError} that says in `detail.reason` why there is no list: a {@link NoList}. */
export interface PeerLists {
  /** Whether the peer tells what it has; `false` where it does not say so within `swarm.timeout`. Never rejects. */
  areShared(peer: PeerId): Promise<boolean>
  repositories(peer: PeerId, range: ListRange, options: Waiting): Promise<ListPage<ListedRepository>>
  tags(peer: PeerId, repository: string, range: ListRange, options: Waiting): Promise<ListPage<ListedTag>>
}

/**
 * `not-connected`: no such peer is. `not-shared`: it does not tell. `older`: it does not know the question.
 * `unknown-repository`: it does not have it, or does not share it. `failed`: it did not answer, or not as it should.
 */
export type NoList = 'not-connected' | 'not-shared' | 'older' | 'unknown-repository' | 'failed'

export interface PeerListsParts {
  readonly network: Network
  readonly settings: Pick<Config['swarm'], 'timeout' | 'stall'>
  readonly log: Log
}

/** What was found out of a peer, and for how many milliseconds that holds. */
const MAX_PEERS = 1024
const REMEMBERED = 60_000

/** Nobody has it; whether a peer answers for it tells whether it answers at all. */
const NOTHING = `sha256:${'0'.repeat(64)}` as Digest

export function createPeerLists({ network, settings, log }: PeerListsParts): PeerLists {
  const sharing = new LRUCache<PeerId, boolean>({ max: MAX_PEERS, ttl: REMEMBERED })

  /** Peers that are older break off at the question, and answer others. */
  async function isOlder(peer: PeerId, signal: AbortSignal): Promise<boolean> {
    const asked = request(network, peer, { ask: 'have', digests: [NOTHING] }, haveSchema, { signal })
    return asked.then(
      () => true,
      () => false,
    )
  }

  async function put<T>(peer: PeerId, question: ListRequest, schema: z.ZodMiniType<T>, signal: AbortSignal) {
    if (!network.peers().includes(peer)) throw noList('not-connected', peer)
    try {
      return await request(network, peer, question, schema, { signal })
    } catch (error) {
      signal.throwIfAborted()
      log.debug('a peer did not tell what it has', { peer, err: error })
      throw noList(!isFormless(error) && (await isOlder(peer, signal)) ? 'older' : 'failed', peer, error)
    }
  }

  /** A peer that does not react is done with in good time. */
  async function inTime<T>(
    peer: PeerId,
    { signal }: Waiting,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const limit = AbortSignal.timeout(settings.stall)
    try {
      return await work(signal ? AbortSignal.any([signal, limit]) : limit)
    } catch (error) {
      if (error instanceof RegistryError || signal?.aborted) throw error
      throw noList('failed', peer, error)
    }
  }

  const lists: PeerLists = {
    async areShared(peer) {
      const known = sharing.get(peer)
      if (known !== undefined) return known
      const signal = AbortSignal.timeout(settings.timeout)
      return lists.repositories(peer, { limit: 1 }, { signal }).then(
        () => true,
        () => false,
      )
    },

    repositories: (peer, range, waiting) =>
      inTime(peer, waiting, async (signal) => {
        const question = { ask: 'repositories', ...sent(range) } as const
        const page = await put(peer, question, repositoriesSchema, signal).catch((error) => {
          if (reasonOf(error) === 'older') sharing.set(peer, false)
          throw error
        })
        sharing.set(peer, page !== null)
        if (!page) throw noList('not-shared', peer)
        return requireOrder(page, range, peer)
      }),

    tags: (peer, repository, range, waiting) =>
      inTime(peer, waiting, async (signal) => {
        const said = await put(peer, { ask: 'tags', repository, ...sent(range) }, tagsSchema, signal)
        if (!said) throw noList('not-shared', peer)
        if (!said.page) throw noList('unknown-repository', peer)
        return requireOrder(said.page, range, peer)
      }),
  }
  return lists
}

const sent = ({ last, limit }: ListRange) => ({
  ...(last !== undefined && { last }),
  limit: Math.max(1, Math.min(limit, MAX_LISTED)),
})

/** Each entry comes after the one before, the first after `last`; and what goes on has something to go on from. */
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
  throw noList('failed', peer, new Error('its list is out of order, or does not go on'))
}

const isFormless = (error: unknown): boolean => (error as Error | null)?.name === '$ZodError'

export const reasonOf = (error: unknown): NoList | undefined =>
  ((error as RegistryError | null)?.detail as { readonly reason?: NoList } | undefined)?.reason

const WORDS = {
  'not-connected': ['UNAVAILABLE', 404, 'no such peer is connected'],
  'not-shared': ['DENIED', 403, 'this peer does not tell what it has (its setting swarm.share.list)'],
  older: ['UNSUPPORTED', 404, 'this peer runs a version that does not tell what it has'],
  'unknown-repository': ['NAME_UNKNOWN', 404, 'this peer does not have the repository, or does not share it'],
  failed: ['UNAVAILABLE', 503, 'this peer did not answer, or not as it should'],
} as const

function noList(reason: NoList, peer: PeerId, cause?: unknown): RegistryError {
  const [code, status, message] = WORDS[reason]
  return new RegistryError(code, message, { status, detail: { reason, peer }, cause })
}
