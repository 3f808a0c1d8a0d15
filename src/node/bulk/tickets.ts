/**
 * Tickets: what lets a peer fetch blobs by HTTPS, where it does not show its peer id as it does over libp2p. A ticket
 * is no right to a blob: whether that is shared is asked at every request.
 */
import { createHash, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { PeerId } from '../../core/swarm/ports.ts'

export interface Tickets {
  /** A ticket for this peer, with at least half of its life before it even if it is not used. */
  issue(peer: PeerId): string
  /** Whom it was issued to; `undefined` for one that is unknown or too old. */
  holderOf(ticket: string): PeerId | undefined
}

/** Milliseconds after its issue or its last use, so that a long download goes on with one ticket. */
export const TICKET_LIFE = 10 * 60_000

/** Tickets and their holders that are remembered; the one that was used longest ago goes first. */
const MAX_TICKETS = 4096

const BYTES = 16

/** @param clock - gives milliseconds and never goes back */
export function createTickets(clock: Pick<Performance, 'now'> = performance): Tickets {
  const options = { max: MAX_TICKETS, perf: clock, ttlResolution: 0 }
  const held = new LRUCache<PeerId, string>({ ...options, ttl: TICKET_LIFE / 2 })
  const providers = new LRUCache<string, PeerId>({ ...options, ttl: TICKET_LIFE, updateAgeOnGet: true })

  function create(peer: PeerId): string {
    const ticket = randomBytes(BYTES).toString('base64url')
    held.set(peer, ticket)
    providers.set(hashOf(ticket), peer)
    return ticket
  }

  return {
    issue(peer) {
      const ticket = held.get(peer)
      return ticket && providers.has(hashOf(ticket)) ? ticket : create(peer)
    },
    holderOf: (ticket) => providers.get(hashOf(ticket)),
  }
}

/** Looked up by its hash, so that the time which that takes tells nothing about the tickets that there are. */
const hashOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url')
