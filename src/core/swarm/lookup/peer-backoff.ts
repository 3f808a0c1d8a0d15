/**
 * Whom not to ask for a while, and why. Apart because asking, leaf lists and transfers all judge peers, and must not
 * forget what another of them has learnt.
 */
import { LRUCache } from 'lru-cache'
import type { PeerId } from '../ports.ts'

/** `lied`: gave bytes or claims that are false. `failed`: unreachable, too slow, or broke off. */
export type Fault = 'lied' | 'failed'

export interface Block {
  readonly fault: Fault
  /** In words, for logs. */
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly until: number
}

export interface PeerBackoff {
  /** `undefined` for a peer that may be asked. */
  blockOf(peer: PeerId): Block | undefined
  /** Each fault in a row keeps the peer aside for twice as long. Of no effect while it is aside for a worse one. */
  penalize(peer: PeerId, fault: Fault, reason: string): void
  /** It kept its word: what it did before counts no more. Time that it still has to sit out stays. */
  reward(peer: PeerId): void
}

/** Milliseconds, for the first fault and at the most. */
const TIMES: Readonly<Record<Fault, { first: number; most: number }>> = {
  lied: { first: 600_000, most: 3_600_000 },
  failed: { first: 5000, most: 60_000 },
}

/** Peers remembered; those heard of longest ago are forgotten. */
const MAX_PEERS = 4096

interface Entry extends Block {
  readonly inRow: number
}

/** @param onProved - told each time that a peer keeps its word */
export function createPeerBackoff(onProved: (peer: PeerId) => void = () => {}): PeerBackoff {
  const entries = new LRUCache<PeerId, Entry>({ max: MAX_PEERS })
  const backoff: PeerBackoff = {
    blockOf(peer) {
      const entry = entries.get(peer)
      return entry && entry.until > Date.now() ? entry : undefined
    },

    penalize(peer, fault, reason) {
      const aside = backoff.blockOf(peer)
      if (aside && (aside.fault === fault || fault === 'failed')) return // seen twice, it is still one fault
      const before = entries.get(peer)
      const inRow = before?.fault === fault ? before.inRow + 1 : 1
      const { first, most } = TIMES[fault]
      const until = Date.now() + Math.min(most, first * 2 ** (inRow - 1))
      entries.set(peer, { fault, reason, until, inRow })
    },

    reward(peer) {
      onProved(peer)
      if (!backoff.blockOf(peer)) entries.delete(peer)
    },
  }
  return backoff
}
