/**
 * What a peer does for others: it responds to requests, relays, and keeps records of the DHT. Separate from the rest of
 * libp2p because a peer in a web page does none of it, and would be twice as large. What only networks need is loaded on
 * demand.
 */
import type { Config } from '../config.ts'
import type { Libp2pServices } from './options.ts'
import type { ProtocolHandler } from './protocol-handler.ts'
import type { Reach } from './reach.ts'

/** What two peers that cannot reach each other may transfer through this one: bytes and milliseconds a connection. */
const RESERVATIONS = { defaultDataLimit: 2n ** 26n, defaultDurationLimit: 10 * 60_000, maxReservations: 16 }

/** Relayed connections at the same time, for one source and for one destination. */
const RELAYED = { maxInboundHopStreams: 4, maxOutboundStopStreams: 4 }

/**
 * The DHT is for networks alone: its records reveal this peer and what it has, and the peers that it names could not be
 * dialled anyway.
 *
 * @param handler - starts with libp2p, so that peers that connect at once see that it speaks the protocol
 */
export async function servicesOf(
  { relay, dht }: Config['swarm'],
  { reach, listens }: { readonly reach: Reach; readonly listens: boolean },
  handler: ProtocolHandler,
): Promise<Libp2pServices> {
  const services: Libp2pServices = {
    flotilla: ({ registrar }) => ({
      start: () => handler.start(registrar),
      stop: () => {}, // libp2p only starts services that have one
    }),
  }
  if (relay) {
    const { circuitRelayServer } = await import('@libp2p/circuit-relay-v2')
    services['relay'] = circuitRelayServer({ reservations: RESERVATIONS, ...RELAYED })
  }
  if (dht.enabled && reach.kind === 'network') {
    const { dhtOf } = await import('./dht/dht.ts')
    services['dht'] = dhtOf(dht.protocol, listens)
  }
  return services
}
