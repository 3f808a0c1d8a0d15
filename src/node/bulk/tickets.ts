/**
 * Tickets identify a peer that fetches blobs by HTTPS, which doesn't authenticate peer ids as libp2p does. A ticket grants
 * no right to a blob: every request checks whether the blob is shared.
 */
import { createHash, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { PeerId } from '../../core/swarm/ports.ts'

export interface Tickets {
  /** A ticket for this peer that is valid for at least half of its lifetime from now. */
  issue(peer: PeerId): string
  /** The peer that it was issued to; `undefined` if it is unknown or expired. */
  peerOf(ticket: string): PeerId | undefined
}

/** From its issue or last use, so that a long download can use one ticket. */
export const TICKET_LIFETIME_MS = 10 * 60_000

/** When there are more, the least recently used is forgotten. */
const MAX_TICKETS = 4096

const BYTES = 16

/** @param clock - monotonic, in milliseconds */
export function createTickets(clock: Pick<Performance, 'now'> = performance): Tickets {
  const options = { max: MAX_TICKETS, perf: clock, ttlResolution: 0 }
  const held = new LRUCache<PeerId, string>({ ...options, ttl: TICKET_LIFETIME_MS / 2 })
  const providers = new LRUCache<string, PeerId>({
    ...options,
    ttl: TICKET_LIFETIME_MS,
    updateAgeOnGet: true,
  })

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
    peerOf: (ticket) => providers.get(hashOf(ticket)),
  }
}

/** Looked up by its hash, so that the time which that takes tells nothing about the tickets that there are. */
const hashOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url')
