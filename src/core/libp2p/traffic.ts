/** How many bytes of blobs went to and came from each peer, by each road, since this process began. */
import type { PeerId } from '../swarm/ports.ts'

/** The road that runs over libp2p's own streams. */
export const STREAM_PROTOCOL = 'stream'

export const BITSWAP_PROTOCOL = 'bitswap'

export interface Moved {
  received: number
  sent: number
}

export interface Traffic {
  add(peer: PeerId, protocol: string, direction: keyof Moved, bytes: number): void
  /** Those that are counted. */
  peers(): PeerId[]
  /** By the protocol's name, such as `stream` or `http`. */
  of(peer: PeerId): Readonly<Record<string, Readonly<Moved>>>
}

/** Peers that are counted; those that moved nothing for longest are forgotten. */
const MAX_PEERS = 1024

export function createTraffic(): Traffic {
  const peers = new Map<PeerId, Record<string, Moved>>()
  return {
    add(peer, protocol, direction, bytes) {
      const moved = peers.get(peer) ?? {}
      peers.delete(peer)
      peers.set(peer, moved)
      moved[protocol] ??= { received: 0, sent: 0 }
      moved[protocol][direction] += bytes
      if (peers.size > MAX_PEERS) peers.delete(peers.keys().next().value!)
    },
    peers: () => [...peers.keys()],
    of: (peer) => peers.get(peer) ?? {},
  }
}
