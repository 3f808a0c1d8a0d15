/** What libp2p is made of here, whatever it runs in: its limits, and the services that every peer has. */
import { identify, identifyPush } from '@libp2p/identify'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2pOptions } from 'libp2p'

export interface Libp2pParts {
  /** Of Ed25519, so that the peer's id carries its key. */
  readonly privateKey: PrivateKey
  /** Multiaddrs to listen on; none for a peer that can only dial. */
  readonly listen: readonly string[]
  /** Multiaddrs told to others in place of those. */
  readonly announce: readonly string[]
  readonly transports: NonNullable<Libp2pOptions['transports']>
  readonly discovery: NonNullable<Libp2pOptions['peerDiscovery']>
  /** Of a private swarm. */
  readonly connectionProtector?: Libp2pOptions['connectionProtector'] | undefined
  /** Asked before each dial and about everyone who comes. */
  readonly connectionGater?: Libp2pOptions['connectionGater'] | undefined
  /** Which addresses of others are remembered. */
  readonly addressFilter?: (peer: PeerId, address: Multiaddr) => boolean
  /** Of this software. */
  readonly version: string
}

/** Bytes that a peer may send on one stream before it hears that they were read. */
const STREAM_WINDOW = 2 * 1024 * 1024

/** Whoever opened them; how many others may open says `admission.ts`. */
const MAX_CONNECTIONS = 300

/** Connections a second from one host, on which many peers may live; libp2p's own limit is 5. */
const INBOUND_A_SECOND = 100

/** Connections of those that have not said yet who they are. */
const MAX_PENDING = 128

/** Milliseconds for which peers that are away are remembered; libp2p's own limit for their addresses is an hour. */
const REMEMBERED = 7 * 24 * 60 * 60_000

/** Milliseconds from one look whether a connection lives to the next, and for its answer: a busy peer is no dead one. */
const HEARTBEAT = { pingInterval: 10_000, pingTimeout: { minTimeout: 15_000 } }

/** At one time, a connection. With libp2p's own 1 and 2, a look of the DHT during the one above ends the connection. */
const PINGS = { maxInboundStreams: 32, maxOutboundStreams: 32 }

export type Services = NonNullable<Libp2pOptions['services']>

/** @param services - those that this peer has besides */
export function libp2pOptions(parts: Libp2pParts, services: Services = {}) {
  const { privateKey, listen, announce, transports, discovery, version } = parts
  const { connectionProtector, connectionGater, addressFilter } = parts
  return {
    privateKey,
    nodeInfo: { name: 'flotilla', version, userAgent: `flotilla/${version}` },
    addresses: { listen: [...listen], announce: [...announce] },
    transports: [...transports],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: STREAM_WINDOW } })],
    peerDiscovery: discovery,
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: INBOUND_A_SECOND,
      maxIncomingPendingConnections: MAX_PENDING,
    },
    connectionMonitor: HEARTBEAT,
    peerStore: {
      maxAddressAge: REMEMBERED,
      maxPeerAge: REMEMBERED,
      ...(addressFilter && { addressFilter }),
    },
    ...(connectionGater && { connectionGater }),
    ...(connectionProtector && { connectionProtector }),
    services: { identify: identify(), identifyPush: identifyPush(), ping: ping(PINGS), ...services },
  } satisfies Libp2pOptions
}
