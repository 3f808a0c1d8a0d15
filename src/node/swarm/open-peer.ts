/** Opens the libp2p peer of a registry on Node: its identity, where it listens, and how it finds others. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Libp2p } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import type { Blockstore } from 'interface-blockstore'
import type { Datastore } from 'interface-datastore'
import type { Config } from '../../core/config.ts'
import type { Libp2pInit } from '../../core/libp2p/options.ts'
import { openPeer, type Peer, type PeerDeps } from '../../core/libp2p/peer.ts'
import { type Reach, reachOf } from '../../core/libp2p/reach.ts'
import { type SwarmStatus, statusOf } from '../../core/libp2p/status.ts'
import type { Log } from '../../core/log.ts'
import type { PeerId } from '../../core/swarm/ports.ts'
import { version } from '../version.ts'
import { openIdentity } from './identity.ts'
import { isWebRtc, listenAddresses } from './listen.ts'
import { type Ports, portsOf, readPorts, withPorts, writePorts } from './remembered-ports.ts'
import { sameMachine } from './same-machine.ts'
import { guardedWebSockets } from './web-socket-listener.ts'

export interface NodePeer extends Peer {
  /** The multiaddrs at which others reach this peer, with its id. */
  addresses(): string[]
  /** The IP addresses at which a peer is connected now, except through relays. */
  hostsOf(peer: PeerId): string[]
  status(): SwarmStatus
}

export interface NodePeerDeps {
  readonly config: Pick<Config, 'http' | 'swarm'>
  /** The registry's data folder; the peer uses `swarm/` in it. Without it, nothing is stored. */
  readonly dataFolder?: string | undefined
  readonly datastore: Datastore
  readonly blockstore: Blockstore
  readonly log: Log
}

/** Listens, but doesn't connect to anyone before {@link Peer.join}. */
export async function openNodePeer({ config, dataFolder, ...stores }: NodePeerDeps): Promise<NodePeer> {
  const { swarm } = config
  const folder = dataFolder === undefined ? undefined : await openFolder(dataFolder)
  const listen = await listenAddresses(config)
  const reach = reachOf(swarm, listen)
  stores.log.debug('swarm', { reach: reach.kind, named: [...reach.named] })
  const deps: PeerDeps = {
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
    ? openPeer(deps)
    : openOnSamePorts(deps, join(folder, 'ports.json')))
  const { libp2p } = peer.helia
  return {
    ...peer,
    addresses: () => libp2p.getMultiaddrs().map(String),
    hostsOf: (peer) => hostsOf(libp2p, peer),
    status: () => statusOf(libp2p, peer.traffic, peer.network.peers()),
  }
}

/**
 * Only registries that are open to the network search it. They don't look for registries that are limited to this machine,
 * because they would pass their content on. With a pre-shared key the two can't mix, so both are searched.
 */
async function discoveryWithin(
  { kind }: Reach,
  { key }: Config['swarm'],
  log: Log,
): Promise<Libp2pInit['discovery']> {
  const here = kind === 'machine' || key !== undefined ? await sameMachine(log) : []
  if (kind !== 'network') return here
  const { localNetwork } = await import('./local-network.ts')
  return [...here, ...(await localNetwork(log))]
}

async function protectorOf(key: string): Promise<Libp2pInit['connectionProtector']> {
  const { openSwarmKey } = await import('./swarm-key.ts')
  return openSwarmKey(key)
}

async function openFolder(dataFolder: string): Promise<string> {
  const folder = join(dataFolder, 'swarm')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return folder
}

async function openOnSamePorts(deps: PeerDeps, path: string): Promise<Peer> {
  const ports = await readPorts(path)
  const peer = await openOn(deps, ports)
  const used = portsOf(peer.helia.libp2p.getMultiaddrs().map(String))
  await writePorts(path, { ...ports, ...used })
  return peer
}

/** If another program has taken a remembered port, the system chooses new ones. */
async function openOn(deps: PeerDeps, ports: Ports): Promise<Peer> {
  const listen = withPorts(deps.listen, ports)
  if (listen.join() === deps.listen.join()) return openPeer(deps)
  try {
    return await openPeer({ ...deps, listen })
  } catch (err) {
    deps.log.info('remembered ports are in use by other programs; the system chooses new ones', { err })
    return openPeer(deps)
  }
}

/** The IP addresses of a peer's connections, except through relays, so that other protocols can reach it there. */
export function hostsOf(libp2p: Libp2p, peer: PeerId): string[] {
  const addresses = libp2p
    .getConnections(peerIdFromString(peer))
    .map(({ remoteAddr }) => remoteAddr.toString())
    .filter((address) => !address.includes('/p2p-circuit'))
  const hosts = addresses.flatMap((address) => /^\/ip[46]\/([^/]+)/.exec(address)?.[1] ?? [])
  return [...new Set(hosts)]
}

export async function transportsFor(
  listen: readonly string[],
  config: Pick<Config, 'http'>,
): Promise<Libp2pInit['transports']> {
  const transports = [tcp(), guardedWebSockets(config)]
  if (!listen.some(isWebRtc)) return transports
  const { limitedWebRtc } = await import('./web-rtc-listener.ts')
  return [...transports, await limitedWebRtc()]
}
