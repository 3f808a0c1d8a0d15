/** How many bytes of blobs each peer sent and received, by protocol, since this process started. */
import type { PeerId } from '../swarm/ports.ts'

/** Over libp2p's own streams. */
export const STREAM_PROTOCOL = 'stream'

export const BITSWAP_PROTOCOL = 'bitswap'

export interface TransferredBytes {
  received: number
  sent: number
}

export interface Traffic {
  add(peer: PeerId, protocol: string, direction: keyof TransferredBytes, bytes: number): void
  /** The peers that are counted. */
  peers(): PeerId[]
  /** By the protocol's name, such as `stream` or `http`. */
  of(peer: PeerId): Readonly<Record<string, Readonly<TransferredBytes>>>
}

/** The peers without traffic for longest are forgotten. */
const MAX_PEERS = 1024

export function createTraffic(): Traffic {
  const peers = new Map<PeerId, Record<string, TransferredBytes>>()
  return {
    add(peer, protocol, direction, bytes) {
      const ofPeer = peers.get(peer) ?? {}
      peers.delete(peer)
      peers.set(peer, ofPeer)
      ofPeer[protocol] ??= { received: 0, sent: 0 }
      ofPeer[protocol][direction] += bytes
      if (peers.size > MAX_PEERS) peers.delete(peers.keys().next().value!)
    },
    peers: () => [...peers.keys()],
    of: (peer) => peers.get(peer) ?? {},
  }
}
