/**
 * What a peer does for others: it answers, relays, and keeps records of the DHT. Apart from the rest of libp2p because
 * a peer in a web page does none of it, and would be twice as large with it. What only networks need is loaded for those.
 */
import type { Config } from '../config.ts'
import type { Services } from './options.ts'
import type { ProtocolHandler } from './protocol-handler.ts'
import type { Reach } from './reach.ts'

/** What peers that cannot reach each other may move through this one: bytes, and milliseconds, a connection. */
const RESERVATIONS = { defaultDataLimit: 2n ** 26n, defaultDurationLimit: 10 * 60_000, maxReservations: 16 }

/** Connections that are relayed at one time, for one peer that asks for them and for one that they lead to. */
const RELAYED = { maxInboundHopStreams: 4, maxOutboundStopStreams: 4 }

/**
 * The DHT is for networks alone: its records name this peer and what it has to whoever asks those that keep them, and
 * the peers that it tells of could not be dialled anyway.
 *
 * @param answering - begins with libp2p, so that peers which connect at once hear of it
 */
export async function servicesOf(
  { relay, dht }: Config['swarm'],
  { reach, listens }: { readonly reach: Reach; readonly listens: boolean },
  answering: ProtocolHandler,
): Promise<Services> {
  const services: Services = {
    answering: ({ registrar }) => ({
      start: () => answering.start(registrar),
      stop: () => {}, // without it, it would not be started either
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
