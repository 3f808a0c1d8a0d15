/**
 * Which peers not to ask for a while, and why. All parts of the swarm share it, so that lookups, lists of leaves and
 * downloads learn from each other's failures.
 */
import { LRUCache } from 'lru-cache'
import type { PeerId } from '../ports.ts'

/** `lied`: gave bytes or claims that are false. `failed`: was unreachable or too slow, or ended a stream too early. */
export type Fault = 'lied' | 'failed'

export interface Block {
  readonly fault: Fault
  /** For logs. */
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly until: number
}

export interface PeerBackoff {
  /** `undefined` for a peer that may be asked. */
  blockOf(peer: PeerId): Block | undefined
  /** Each fault in a row blocks the peer for twice as long. Has no effect while it is blocked for a worse fault. */
  penalize(peer: PeerId, fault: Fault, reason: string): void
  /** The peer kept its word: its earlier faults no longer count, but a block under way goes on. */
  reward(peer: PeerId): void
}

/** For the first fault, and the longest block. */
const DURATIONS_MS: Readonly<Record<Fault, { first: number; max: number }>> = {
  lied: { first: 600_000, max: 3_600_000 },
  failed: { first: 5000, max: 60_000 },
}

/** The least recently used ones are forgotten. */
const MAX_PEERS = 4096

interface Entry extends Block {
  /** Faults of the same kind in a row. */
  readonly count: number
}

/** @param onReward - called each time that a peer keeps its word */
export function createPeerBackoff(onReward: (peer: PeerId) => void = () => {}): PeerBackoff {
  const entries = new LRUCache<PeerId, Entry>({ max: MAX_PEERS })
  const backoff: PeerBackoff = {
    blockOf(peer) {
      const entry = entries.get(peer)
      return entry && entry.until > Date.now() ? entry : undefined
    },

    penalize(peer, fault, reason) {
      const block = backoff.blockOf(peer)
      if (block && (block.fault === fault || fault === 'failed')) return // one fault may be reported twice
      const before = entries.get(peer)
      const count = before?.fault === fault ? before.count + 1 : 1
      const { first, max } = DURATIONS_MS[fault]
      const until = Date.now() + Math.min(max, first * 2 ** (count - 1))
      entries.set(peer, { fault, reason, until, count })
    },

    reward(peer) {
      onReward(peer)
      if (!backoff.blockOf(peer)) entries.delete(peer)
    },
  }
  return backoff
}
