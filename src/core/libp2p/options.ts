/** The options of libp2p on every platform: its limits, the services that every peer has, and its log. */
import { identify, identifyPush } from '@libp2p/identify'
import type { ComponentLogger, Logger, PeerId, PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2pOptions } from 'libp2p'
import type { Log } from '../log.ts'

export interface Libp2pInit {
  /** Of Ed25519, so that the peer's id contains its public key. */
  readonly privateKey: PrivateKey
  /** Multiaddrs to listen on; none if the peer can only dial. */
  readonly listen: readonly string[]
  /** Multiaddrs that are told to others instead. */
  readonly announce: readonly string[]
  readonly transports: NonNullable<Libp2pOptions['transports']>
  readonly discovery: NonNullable<Libp2pOptions['peerDiscovery']>
  /** Of a private swarm. */
  readonly connectionProtector?: Libp2pOptions['connectionProtector'] | undefined
  /** Called before each dial and for each connection that comes in. */
  readonly connectionGater?: Libp2pOptions['connectionGater'] | undefined
  /** Which addresses of others are remembered. */
  readonly addressFilter?: (peer: PeerId, address: Multiaddr) => boolean
  /** Of this software. */
  readonly version: string
}

/** What a peer may send on one stream before it is told that it was read. */
const STREAM_WINDOW_BYTES = 2 * 1024 * 1024

/** In both directions; `connection-gater.ts` limits inbound ones. */
const MAX_CONNECTIONS = 300

/** From one host, on which many peers may run. libp2p's default is 5. */
const MAX_INBOUND_PER_SECOND = 100

/** Connections whose peers have not been identified yet. */
const MAX_PENDING = 128

/** How long disconnected peers are remembered. libp2p's default for their addresses is an hour. */
const PEER_TTL_MS = 7 * 24 * 60 * 60_000

/** How often connections are checked, and how long a response may take: a busy peer is not a dead one. */
const HEARTBEAT = { pingInterval: 10_000, pingTimeout: { minTimeout: 15_000 } }

/** Of one connection. With libp2p's defaults of 1 and 2, a ping of the DHT during the heartbeat ends the connection. */
const PINGS = { maxInboundStreams: 32, maxOutboundStreams: 32 }

export type Libp2pServices = NonNullable<Libp2pOptions['services']>

/** @param services - in addition to those of every peer */
export function libp2pOptions(init: Libp2pInit, services: Libp2pServices = {}) {
  const { privateKey, listen, announce, transports, discovery, version } = init
  const { connectionProtector, connectionGater, addressFilter } = init
  return {
    privateKey,
    nodeInfo: { name: 'flotilla', version, userAgent: `flotilla/${version}` },
    addresses: { listen: [...listen], announce: [...announce] },
    transports: [...transports],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES } })],
    peerDiscovery: discovery,
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: MAX_INBOUND_PER_SECOND,
      maxIncomingPendingConnections: MAX_PENDING,
    },
    connectionMonitor: HEARTBEAT,
    peerStore: {
      maxAddressAge: PEER_TTL_MS,
      maxPeerAge: PEER_TTL_MS,
      ...(addressFilter && { addressFilter }),
    },
    ...(connectionGater && { connectionGater }),
    ...(connectionProtector && { connectionProtector }),
    services: { identify: identify(), identifyPush: identifyPush(), ping: ping(PINGS), ...services },
  } satisfies Libp2pOptions
}

const ignore = (): void => {}

/** Writes the errors of libp2p and Helia to our log at the level `debug`, and drops everything else. */
export function createComponentLogger(log: Log): ComponentLogger {
  const forComponent = (name: string): Logger =>
    Object.assign(ignore.bind(undefined), {
      error: (text: unknown, ...values: readonly unknown[]) =>
        log.debug(`${name}: ${format(String(text), values)}`),
      trace: ignore,
      enabled: false,
      newScope: (scope: string) => forComponent(`${name}:${scope}`),
    })
  return { forComponent }
}

/** Replaces `%s`, `%p` and other placeholders of their messages by the values. */
function format(text: string, values: readonly unknown[]): string {
  const rest = [...values]
  return text.replace(/%[a-zA-Z]/g, (letter) => (rest.length > 0 ? String(rest.shift()) : letter))
}
