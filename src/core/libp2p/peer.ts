/** A peer: Helia and libp2p with the platform's transports. */
import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { Libp2p, PeerInfo, ServiceMap } from '@libp2p/interface'
import type { SingleKadDHT } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createHeliaLight } from 'helia'
import type { Blockstore } from 'interface-blockstore'
import type { Datastore } from 'interface-datastore'
import { createLibp2p } from 'libp2p'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { IpfsBlocks, Network } from '../swarm/ports.ts'
import { PROTOCOL } from '../swarm/protocol/limits.ts'
import type { RequestHandler } from '../swarm/serve/handler.ts'
import { parsePeerAddresses } from './addresses.ts'
import { type Bitswap, createIpfsBlocks, openBitswap } from './bitswap/bitswap.ts'
import { createConnectionGater } from './connection-gater.ts'
import { createProviderRecords, noProviderRecords, type ProviderRecords } from './content-routing.ts'
import { openKnownPeers } from './known-peers.ts'
import { openNetwork } from './network.ts'
import { createComponentLogger, type Libp2pInit, libp2pOptions } from './options.ts'
import { createProtocolHandler } from './protocol-handler.ts'
import { type Reach, reachOf } from './reach.ts'
import { servicesOf } from './services.ts'
import { BITSWAP_PROTOCOL, createTraffic, type Traffic } from './traffic.ts'

export interface PeerDeps extends Omit<Libp2pInit, 'announce' | keyof ReturnType<typeof within>> {
  readonly settings: Config['swarm']
  readonly datastore: Datastore
  readonly blockstore: Blockstore
  readonly log: Log
}

export interface Peer {
  /** Wired here, because `@helia/libp2p` loads every transport, including those in native code. */
  readonly helia: HeliaWithLibp2p<ServiceMap>
  readonly network: Network
  readonly traffic: Traffic
  /** Absent if Bitswap is disabled. */
  readonly blocks: IpfsBlocks | undefined
  /** Starts to respond to requests, which wait until then, and to dial peers. Call it once. */
  join(handler: RequestHandler): Promise<void>
  /** Stops responding and connecting. libp2p and Helia keep running. */
  leave(): Promise<void>
  /** Leaves the swarm, and stops libp2p and Helia. */
  close(): Promise<void>
}

/** Listens. Responses and connections to others begin with `join`. */
export async function openPeer({ datastore: persistent, blockstore, log, ...deps }: PeerDeps): Promise<Peer> {
  const { settings, privateKey } = deps
  const { announce } = settings
  const reach = reachOf(settings, deps.listen)
  const knownPeers = await openKnownPeers(persistent, reach, log)
  const { datastore, reward } = knownPeers
  const joined = Promise.withResolvers<RequestHandler>()
  const traffic = createTraffic()
  const protocolHandler = createProtocolHandler({
    handler: async (...args) => (await joined.promise)(...args),
    traffic,
    log,
  })
  const discovery = observed(deps.discovery, knownPeers.discovered)
  const logger = createComponentLogger(log)
  const transports = [...deps.transports, ...(await relayedWithin(reach))]
  const services = await servicesOf(settings, { reach, listens: deps.listen.length > 0 }, protocolHandler)
  const options = libp2pOptions({ ...deps, ...within(reach), announce, transports, discovery }, services)
  const libp2p = await createLibp2p<ServiceMap>({ ...options, datastore, logger, start: false })
  const helia = Object.assign(createHeliaLight({ blockstore, datastore, logger }), { libp2p })
  await start(helia)
  knownPeers.watch(libp2p)
  const network = await openNetwork({ libp2p, privateKey, providers: providersOf(libp2p), traffic })
  const onSent = (peer: string, bytes: number): void => traffic.add(peer, BITSWAP_PROTOCOL, 'sent', bytes)
  const bitswap: Bitswap | undefined = settings.bitswap
    ? await openBitswap({ libp2p, blockstore, onSent, log })
    : undefined
  async function leave(): Promise<void> {
    knownPeers.close()
    await libp2p.unhandle(PROTOCOL)
    protocolHandler.abortAll()
    await bitswap?.close()
    network.close()
  }

  return {
    helia,
    network: { ...network, reward },
    traffic,
    blocks: bitswap && createIpfsBlocks({ bitswap, network, traffic }),
    async join(handler) {
      joined.resolve(handler)
      knownPeers.connect(parsePeerAddresses(settings.bootstrap, log))
    },
    leave,
    async close() {
      await leave()
      await libp2p.stop()
      await helia.stop()
    },
  }
}

/** Peers on one machine need no relay. */
async function relayedWithin({ kind }: Reach): Promise<Libp2pInit['transports']> {
  if (kind === 'machine') return []
  const { circuitRelayTransport } = await import('@libp2p/circuit-relay-v2')
  return [circuitRelayTransport()]
}

/** Peers beyond the reach are neither dialled nor accepted nor remembered. */
const within = (reach: Reach) => ({
  connectionGater: createConnectionGater(reach),
  addressFilter: (peer: Libp2p['peerId'], address: Multiaddr) => reach.allows(`${address}`, `${peer}`),
})

/** If it fails, what was opened before, such as the first of several ports, is closed again. */
async function start(helia: HeliaWithLibp2p<ServiceMap>): Promise<void> {
  try {
    await helia.start()
    await helia.libp2p.start()
  } catch (error) {
    await Promise.allSettled([helia.stop(), helia.libp2p.stop()])
    throw error
  }
}

function providersOf(libp2p: Libp2p): ProviderRecords {
  const dht = libp2p.services['dht'] as SingleKadDHT | undefined
  return dht ? createProviderRecords(libp2p, () => dht.routingTable.size === 0) : noProviderRecords
}

/** Each discovery is reported. libp2p itself only reports a peer when it is discovered for the first time. */
function observed(
  discovery: Libp2pInit['discovery'],
  onFound: (peer: PeerInfo) => void,
): Libp2pInit['discovery'] {
  return discovery.map((create) => (components) => {
    const service = create(components)
    service.addEventListener('peer', ({ detail }) => onFound(detail))
    return service
  })
}
