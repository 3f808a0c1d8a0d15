/** The connected peers, their connections and their traffic, for `flotilla peers`. */
import type { Connection, Libp2p } from '@libp2p/interface'
import type { PeerId } from '../swarm/ports.ts'
import type { Traffic } from './traffic.ts'

export interface PeerStatus {
  readonly id: string
  /** Whether it speaks our protocol. Others only exchange blocks, or have not identified themselves yet. */
  readonly isRegistry?: boolean
  /** The multiaddr of each connection, without the id at its end. */
  readonly addresses: readonly string[]
  /** `outbound` if this peer dialled. */
  readonly direction: 'inbound' | 'outbound'
  readonly transport: string
  /** Of a round trip, in milliseconds. Absent in the first seconds. */
  readonly latency?: number
  /** Bytes of blobs, by protocol. */
  readonly moved: ReturnType<Traffic['of']>
}

export interface SwarmStatus {
  readonly id: string
  /** Where other peers reach this one. */
  readonly addresses: readonly string[]
  readonly peers: readonly PeerStatus[]
}

/** @param registries - the peers that speak our protocol */
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
