/**
 * Whose word counts for what no digest proves: tags and referrers. Separate from the peer backoff, which is about faults:
 * a peer that never failed is still a stranger.
 */
import type { Config } from '../../config.ts'
import type { PeerId } from '../ports.ts'

export interface Trust {
  /** The user chose this very peer. */
  isNamed(peer: PeerId): boolean
  /** The peer is named, or the swarm is private: having its key is enough. */
  isTrusted(peer: PeerId): boolean
}

/** @param trusts - peers that are trusted in addition to those in the configuration */
export function createTrust(
  { trust, key }: Pick<Config['swarm'], 'trust' | 'key'>,
  trusts: (peer: PeerId) => boolean = () => false,
): Trust {
  const named = new Set(trust)
  const isNamed = (peer: PeerId): boolean => named.has(peer) || trusts(peer)
  return { isNamed, isTrusted: (peer) => key !== undefined || isNamed(peer) }
}
