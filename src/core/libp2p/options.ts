/**
 * What libp2p is made of here: its limits, its services, and nothing that reaches a public network unless the
 * configuration says so.
 */
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify, identifyPush } from '@libp2p/identify'
import type { PrivateKey } from '@libp2p/interface'
import { kadDHT, passthroughMapper, removePrivateAddressesMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { type Ping, ping } from '@libp2p/ping'
import { yamux } from '@libp2p/yamux'
import type { Libp2pOptions } from 'libp2p'
import type { Config } from '../config.ts'
import type { Answering } from './answering.ts'

export interface Libp2pParts {
  readonly settings: Config['swarm']
  /** Of Ed25519, so that the peer's id carries its key. */
  readonly privateKey: PrivateKey
  /** Multiaddrs to listen on; none for a peer that can only dial. */
  readonly listen: readonly string[]
  readonly transports: NonNullable<Libp2pOptions['transports']>
  readonly discovery: NonNullable<Libp2pOptions['peerDiscovery']>
  /** Of a private swarm. */
  readonly connectionProtector?: Libp2pOptions['connectionProtector'] | undefined
  /** Of this software. */
  readonly version: string
}

/** Bytes that a peer may send on one stream before it hears that they were read. */
const STREAM_WINDOW = 4 * 1024 * 1024

/** Connections a second from one host, on which many peers may live; libp2p's own limit is 5. */
const INBOUND_A_SECOND = 100

/** Milliseconds for which peers that are away are remembered; libp2p's own limit for their addresses is an hour. */
const REMEMBERED = 7 * 24 * 60 * 60_000

/** Milliseconds from one look whether a connection lives to the next, and for its answer: a busy peer is no dead one. */
const HEARTBEAT = { pingInterval: 10_000, pingTimeout: { minTimeout: 15_000 } }

/** At one time, a connection. With libp2p's own 1 and 2, a look of the DHT during the one above ends the connection. */
const PINGS = { maxInboundStreams: 32, maxOutboundStreams: 32 }

/** What peers that cannot reach each other may move through this one: bytes, and milliseconds, a connection. */
const RELAYING = { defaultDataLimit: 2n ** 32n, defaultDurationLimit: 60 * 60_000, maxReservations: 64 }

/** The DHT of the public IPFS network. */
const PUBLIC_DHT = '/ipfs/kad/1.0.0'

/** @param parts.answering - begins with libp2p, so that peers which connect at once hear of it */
export function libp2pOptions(parts: Libp2pParts & { readonly answering: Answering }) {
  const { settings, privateKey, listen, transports, discovery, connectionProtector, version } = parts
  return {
    privateKey,
    nodeInfo: { name: 'flotilla', version, userAgent: `flotilla/${version}` },
    addresses: { listen: [...listen], announce: settings.announce },
    transports: [...transports, circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: STREAM_WINDOW } })],
    peerDiscovery: discovery,
    connectionManager: { inboundConnectionThreshold: INBOUND_A_SECOND, maxIncomingPendingConnections: 64 },
    connectionMonitor: HEARTBEAT,
    peerStore: { maxAddressAge: REMEMBERED, maxPeerAge: REMEMBERED },
    ...(connectionProtector && { connectionProtector }),
    services: servicesOf(settings, listen.length > 0, parts.answering),
  } satisfies Libp2pOptions
}

type Services = NonNullable<Libp2pOptions['services']>

function servicesOf({ relay, dht }: Config['swarm'], listens: boolean, answering: Answering): Services {
  const services: Services = {
    identify: identify(),
    identifyPush: identifyPush(),
    ping: ping(PINGS),
    answering: ({ registrar }) => ({
      start: () => answering.start(registrar),
      beforeStop: answering.breakOff,
      stop: () => {}, // without it, it would not be started either
    }),
  }
  if (relay) services['relay'] = circuitRelayServer({ reservations: RELAYING })
  if (dht.enabled) services['dht'] = dhtOf(dht.protocol, listens)
  return services
}

/**
 * In our own DHT every peer that listens keeps records, as peers of one network reach each other by private addresses.
 * The public one has stricter manners.
 */
function dhtOf(protocol: string, listens: boolean): Services[string] {
  const create =
    protocol === PUBLIC_DHT
      ? kadDHT({ protocol, peerInfoMapper: removePrivateAddressesMapper })
      : kadDHT({
          protocol,
          peerInfoMapper: passthroughMapper,
          clientMode: !listens,
          initialQuerySelfInterval: 100,
        })
  return (components) => create(components as typeof components & { ping: Ping })
}
