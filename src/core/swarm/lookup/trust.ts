/**
 * Whose word counts for what no digest proves: tags, and what refers to a manifest. One rule for both, apart from
 * {@link Standing}, which is about faults: a peer that never failed is still a stranger.
 */
import type { Config } from '../../config.ts'
import type { PeerId } from '../ports.ts'

export interface Trust {
  /** Somebody chose this very peer. */
  isNamed(peer: PeerId): boolean
  /** Named, or in a private swarm, where having its key is enough. */
  isTrusted(peer: PeerId): boolean
}

/** @param trusts - peers that are trusted besides those of the configuration */
export function createTrust(
  { trust, key }: Pick<Config['swarm'], 'trust' | 'key'>,
  trusts: (peer: PeerId) => boolean = () => false,
): Trust {
  const named = new Set(trust)
  const isNamed = (peer: PeerId): boolean => named.has(peer) || trusts(peer)
  return { isNamed, isTrusted: (peer) => key !== undefined || isNamed(peer) }
}
