/** Fetches ranges of blobs from a peer's bulk server by HTTPS, which is faster than libp2p's streams. */
import { isIP } from 'node:net'
import { LRUCache } from 'lru-cache'
import type { PeerId, RangeFetcher } from '../../core/swarm/ports.ts'
import { createConnections, UnreachableError } from './connections.ts'
import { StatusError } from './incoming-response.ts'

export interface HttpsFetcherOptions {
  /**
   * The IP addresses at which libp2p is connected to the peer. We connect to no others, so that a peer can't make us
   * connect to a victim; only the port comes from the peer.
   */
  readonly hostsOf: (peer: PeerId) => readonly string[]
  /** Called for every leaf that is received. */
  readonly onReceived?: (peer: PeerId, bytes: number) => void
}

/** After a failed connection, the peer is left to other fetchers for this long. */
const AVOID_MS = 30_000

const MAX_AVOIDED = 1024

export function createHttpsFetcher({ hostsOf, onReceived }: HttpsFetcherOptions): RangeFetcher {
  const connections = createConnections()
  const avoided = new LRUCache<PeerId, true>({ max: MAX_AVOIDED, ttl: AVOID_MS })
  const reachable = (peer: PeerId): string[] => hostsOf(peer).filter((host) => isIP(host) !== 0)

  return {
    name: 'http',

    supports: (peer, { http }) =>
      http !== undefined && isToken(http.ticket) && !avoided.has(peer) && reachable(peer).length > 0,

    async *fetch(peer, { http }, digest, range, { signal }) {
      const { ticket, ...server } = http!
      const address = { ...server, hosts: reachable(peer) }
      try {
        for await (const leaf of connections.get(peer, address, { digest, range, ticket }, signal)) {
          onReceived?.(peer, leaf.length)
          yield leaf
        }
      } catch (error) {
        if (shouldAvoid(error)) avoided.set(peer, true)
        throw error
      }
    },
  }
}

/** A ticket comes from the peer and is put in a header unchanged, so its characters are checked (RFC 6750, section 2.1). */
const isToken = (ticket: string): boolean => /^[\w.~+/-]+=*$/.test(ticket)

/** The peer is unreachable by HTTPS or refuses our ticket; other fetchers need neither. */
const shouldAvoid = (error: unknown): boolean =>
  error instanceof UnreachableError || (error instanceof StatusError && error.status === 401)
