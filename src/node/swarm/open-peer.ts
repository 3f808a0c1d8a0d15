/** The peer of a registry on Node: who it is, where it listens, and how it finds others. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Blockstore } from 'interface-blockstore'
import type { Datastore } from 'interface-datastore'
import type { Config } from '../../core/config.ts'
import type { Libp2pParts } from '../../core/libp2p/options.ts'
import { openPeer, type Peer, type PeerParts } from '../../core/libp2p/peer.ts'
import { type Reach, reachOf } from '../../core/libp2p/reach.ts'
import { type SwarmStatus, statusOf } from '../../core/libp2p/status.ts'
import type { Log } from '../../core/log.ts'
import type { PeerId } from '../../core/swarm/ports.ts'
import { version } from '../version.ts'
import { hostsOf } from './hosts.ts'
import { openIdentity } from './identity.ts'
import { listenAddresses } from './listen.ts'
import { type Ports, portsOf, readPorts, withPorts, writePorts } from './remembered-ports.ts'
import { sameMachine } from './same-machine.ts'
import { transportsFor } from './transports.ts'

export interface NodePeer extends Peer {
  /** Where others reach this peer, as multiaddrs that end with its id. */
  addresses(): string[]
  /** The IP addresses at which a peer is connected now, not through a relay. */
  hostsOf(peer: PeerId): string[]
  status(): SwarmStatus
}

export interface NodePeerParts {
  readonly config: Pick<Config, 'http' | 'swarm'>
  /** Of the registry; what the peer keeps is in `swarm/` there. Without it, nothing outlives the process. */
  readonly dataFolder?: string | undefined
  readonly datastore: Datastore
  readonly blockstore: Blockstore
  readonly log: Log
}

/** Listens, and connects to nobody before {@link Peer.join}. */
export async function openNodePeer({ config, dataFolder, ...stores }: NodePeerParts): Promise<NodePeer> {
  const { swarm } = config
  const folder = dataFolder === undefined ? undefined : await openFolder(dataFolder)
  const listen = await listenAddresses(config)
  const reach = reachOf(swarm, listen)
  stores.log.debug('swarm', { reach: reach.kind, named: [...reach.named] })
  const parts: PeerParts = {
    ...stores,
    settings: swarm,
    privateKey: await openIdentity(folder),
    listen,
    transports: await transportsFor(listen, config),
    discovery: swarm.mdns ? await discoveryWithin(reach, swarm, stores.log) : [],
    connectionProtector: swarm.key === undefined ? undefined : await protectorOf(swarm.key),
    version,
  }
  const peer = await (folder === undefined
    ? openPeer(parts)
    : openOnSamePorts(parts, join(folder, 'ports.json')))
  const { libp2p } = peer.helia
  return {
    ...peer,
    addresses: () => libp2p.getMultiaddrs().map(String),
    hostsOf: (peer) => hostsOf(libp2p, peer),
    status: () => statusOf(libp2p, peer.traffic, peer.network.peers()),
  }
}

/**
 * Other machines are asked by those only that are open to them. Those are not found by the ones that are for this machine
 * alone: what such a one holds would get out by way of the other. A key keeps them apart by itself.
 */
async function discoveryWithin(
  { kind }: Reach,
  { key }: Config['swarm'],
  log: Log,
): Promise<Libp2pParts['discovery']> {
  const here = kind === 'machine' || key !== undefined ? await sameMachine(log) : []
  if (kind !== 'network') return here
  const { localNetwork } = await import('./local-network.ts')
  return [...here, ...(await localNetwork(log))]
}

async function protectorOf(key: string): Promise<Libp2pParts['connectionProtector']> {
  const { openSwarmKey } = await import('./swarm-key.ts')
  return openSwarmKey(key)
}

async function openFolder(dataFolder: string): Promise<string> {
  const folder = join(dataFolder, 'swarm')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return folder
}

async function openOnSamePorts(parts: PeerParts, path: string): Promise<Peer> {
  const ports = await readPorts(path)
  const peer = await openOn(parts, ports)
  const used = portsOf(peer.helia.libp2p.getMultiaddrs().map(String))
  await writePorts(path, { ...ports, ...used })
  return peer
}

/** On other ports where another program has taken one meanwhile. */
async function openOn(parts: PeerParts, ports: Ports): Promise<Peer> {
  const listen = withPorts(parts.listen, ports)
  if (listen.join() === parts.listen.join()) return openPeer(parts)
  try {
    return await openPeer({ ...parts, listen })
  } catch (err) {
    parts.log.info('ports of the last time are taken, others are chosen', { err })
    return openPeer(parts)
  }
}
