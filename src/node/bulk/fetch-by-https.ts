/** The road `http`: blobs from a peer's bulk server, as fast as TLS goes. */
import { isIP } from 'node:net'
import { LRUCache } from 'lru-cache'
import type { PeerId, RangeFetcher } from '../../core/swarm/ports.ts'
import { createConnections, Unreachable } from './connections.ts'
import { Refusal } from './response-head.ts'

export interface HttpsFetcherOptions {
  /**
   * The addresses of the hosts at which libp2p reaches this peer now. We connect to no others, so that no peer can send
   * us where it likes; only the port is its own word.
   */
  readonly hostsOf: (peer: PeerId) => readonly string[]
  /** Told of every leaf that is handed over. */
  readonly onReceived?: (peer: PeerId, bytes: number) => void
}

/** Milliseconds that a peer is left to other roads after this one did not lead to it. */
const AVOIDED = 30_000

const MAX_AVOIDED = 1024

export function createHttpsFetcher({ hostsOf, onReceived }: HttpsFetcherOptions): RangeFetcher {
  const connections = createConnections()
  const avoided = new LRUCache<PeerId, true>({ max: MAX_AVOIDED, ttl: AVOIDED })
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
        if (isClosed(error)) avoided.set(peer, true)
        throw error
      }
    },
  }
}

/** A ticket is its peer's word, and goes into a header as it is (RFC 6750, section 2.1). */
const isToken = (ticket: string): boolean => /^[\w.~+/-]+=*$/.test(ticket)

/** The peer is not there, or does not take our ticket: another road needs neither. */
const isClosed = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof Refusal && error.status === 401)
