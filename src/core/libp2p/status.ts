/** Who is connected, how, and what moved: for `flotilla peers`. */
import type { Connection, Libp2p } from '@libp2p/interface'
import type { PeerId } from '../swarm/ports.ts'
import type { Traffic } from './traffic.ts'

export interface PeerStatus {
  readonly id: string
  /** Speaks our protocol. Others only swap blocks, or have not said yet what they speak. */
  readonly isRegistry?: boolean
  /** As multiaddrs, one a connection, without the id at their end. */
  readonly addresses: readonly string[]
  /** Who dialled: `outbound` means this peer did. */
  readonly direction: 'inbound' | 'outbound'
  readonly transport: string
  /** Of a round trip, in milliseconds; unknown in the first seconds. */
  readonly latency?: number
  /** Bytes of blobs, by road. */
  readonly moved: ReturnType<Traffic['of']>
}

export interface SwarmStatus {
  readonly id: string
  /** Where others reach this peer. */
  readonly addresses: readonly string[]
  readonly peers: readonly PeerStatus[]
}

/** @param registries - those that speak our protocol */
export function statusOf(libp2p: Libp2p, traffic: Traffic, registries: readonly PeerId[]): SwarmStatus {
  return {
    id: libp2p.peerId.toString(),
    addresses: libp2p.getMultiaddrs().map(String),
    peers: libp2p.getPeers().map((peer) => {
      const connections = libp2p.getConnections(peer) as [Connection, ...Connection[]]
      const id = peer.toString()
      return { ...peerStatus(id, connections, traffic), isRegistry: registries.includes(id) }
    }),
  }
}

function peerStatus(
  id: string,
  connections: readonly [Connection, ...Connection[]],
  traffic: Traffic,
): PeerStatus {
  const [{ direction, remoteAddr, rtt }] = connections
  return {
    id,
    addresses: connections.map((connection) => connection.remoteAddr.toString().replace(/\/p2p\/\w+$/, '')),
    direction,
    transport: transportOf(remoteAddr.toString()),
    ...(rtt !== undefined && { latency: rtt }),
    moved: traffic.of(id),
  }
}

function transportOf(address: string): string {
  if (address.includes('/p2p-circuit')) return 'relay'
  return /\/(webrtc-direct|webrtc|wss|ws)(?=\/|$)/.exec(address)?.[1] ?? 'tcp'
}
