/** A peer: Helia and libp2p, made of what the platform has. */
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
import { openAcquaintances } from './acquaintances.ts'
import { peerAddresses } from './addresses.ts'
import { type Bitswap, openBitswap } from './bitswap/bitswap.ts'
import { createProviders, noProviders, type Providers } from './content-routing.ts'
import { createGater } from './gater.ts'
import { createBlocks } from './ipfs-blocks.ts'
import { createComponentLogger } from './logger.ts'
import { openNetwork } from './network.ts'
import { type Libp2pParts, libp2pOptions } from './options.ts'
import { createProtocolHandler } from './protocol-handler.ts'
import { type Reach, reachOf } from './reach.ts'
import { servicesOf } from './services.ts'
import { BITSWAP_PROTOCOL, createTraffic, type Traffic } from './traffic.ts'

export interface PeerParts extends Omit<Libp2pParts, 'announce' | keyof ReturnType<typeof within>> {
  readonly settings: Config['swarm']
  readonly datastore: Datastore
  readonly blockstore: Blockstore
  readonly log: Log
}

export interface Peer {
  /** Put together here, as `@helia/libp2p` loads every transport there is, also those of native code. */
  readonly helia: HeliaWithLibp2p<ServiceMap>
  readonly network: Network
  readonly traffic: Traffic
  /** Absent where the configuration wants no Bitswap. */
  readonly blocks: IpfsBlocks | undefined
  /** Begins to answer, and to connect to others: until then questions wait, and nobody is dialled. Once. */
  join(answer: RequestHandler): Promise<void>
  /** Neither answers nor asks from here on. libp2p and Helia run on. */
  leave(): Promise<void>
  /** Leaves, and stops libp2p and Helia. */
  close(): Promise<void>
}

/** Listens. It is `join` that answers and connects. */
export async function openPeer({ datastore: lasting, blockstore, log, ...parts }: PeerParts): Promise<Peer> {
  const { settings, privateKey } = parts
  const { announce } = settings
  const reach = reachOf(settings, parts.listen)
  const acquaintances = await openAcquaintances(lasting, reach, log)
  const { datastore, proved } = acquaintances
  const joined = Promise.withResolvers<RequestHandler>()
  const traffic = createTraffic()
  const answering = createProtocolHandler({
    answer: async (...asked) => (await joined.promise)(...asked),
    traffic,
    log,
  })
  const discovery = watched(parts.discovery, acquaintances.found)
  const logger = createComponentLogger(log)
  const transports = [...parts.transports, ...(await relayedWithin(reach))]
  const services = await servicesOf(settings, { reach, listens: parts.listen.length > 0 }, answering)
  const options = libp2pOptions({ ...parts, ...within(reach), announce, transports, discovery }, services)
  const libp2p = await createLibp2p<ServiceMap>({ ...options, datastore, logger, start: false })
  const helia = Object.assign(createHeliaLight({ blockstore, datastore, logger }), { libp2p })
  await start(helia)
  acquaintances.watch(libp2p)
  const network = await openNetwork({ libp2p, privateKey, providers: providersOf(libp2p), traffic })
  const onSent = (peer: string, bytes: number): void => traffic.add(peer, BITSWAP_PROTOCOL, 'sent', bytes)
  const bitswap: Bitswap | undefined = settings.bitswap
    ? await openBitswap({ libp2p, blockstore, onSent, log })
    : undefined
  async function leave(): Promise<void> {
    acquaintances.close()
    await libp2p.unhandle(PROTOCOL)
    answering.breakOff()
    await bitswap?.close()
    network.close()
  }

  return {
    helia,
    network: { ...network, reward: proved },
    traffic,
    blocks: bitswap && createBlocks({ bitswap, network, traffic }),
    async join(answer) {
      joined.resolve(answer)
      acquaintances.connect(peerAddresses(settings.bootstrap, log))
    },
    leave,
    async close() {
      await leave()
      await libp2p.stop()
      await helia.stop()
    },
  }
}

/** Within a machine nobody needs a relay. */
async function relayedWithin({ kind }: Reach): Promise<Libp2pParts['transports']> {
  if (kind === 'machine') return []
  const { circuitRelayTransport } = await import('@libp2p/circuit-relay-v2')
  return [circuitRelayTransport()]
}

/** Nobody beyond the reach is dialled, let in, or remembered. */
const within = (reach: Reach) => ({
  connectionGater: createGater(reach),
  addressFilter: (peer: Libp2p['peerId'], address: Multiaddr) => reach.allows(`${address}`, `${peer}`),
})

/** What was opened before the failure, such as the first of several ports, is closed again. */
async function start(helia: HeliaWithLibp2p<ServiceMap>): Promise<void> {
  try {
    await helia.start()
    await helia.libp2p.start()
  } catch (error) {
    await Promise.allSettled([helia.stop(), helia.libp2p.stop()])
    throw error
  }
}

function providersOf(libp2p: Libp2p): Providers {
  const dht = libp2p.services['dht'] as SingleKadDHT | undefined
  return dht ? createProviders(libp2p, () => dht.routingTable.size === 0) : noProviders
}

/** libp2p tells of a peer when it is found for the first time ever; ways to find peers tell of it each time. */
function watched(
  discovery: Libp2pParts['discovery'],
  onFound: (peer: PeerInfo) => void,
): Libp2pParts['discovery'] {
  return discovery.map((create) => (components) => {
    const service = create(components)
    service.addEventListener('peer', ({ detail }) => onFound(detail))
    return service
  })
}
