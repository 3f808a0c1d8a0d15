/**
 * Many peers in one process, each a whole registry: in memory, over real TCP on loopback, with their own DHT. They
 * find each other from the first few.
 */
import { hash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { assemble } from '../../src/core/assemble.ts'
import { createMemoryDisk } from '../../src/core/blobs/memory-disk.ts'
import { type Config, configSchema } from '../../src/core/config.ts'
import { createBlockstore } from '../../src/core/dag/blockstore.ts'
import { createDatastore } from '../../src/core/dag/datastore.ts'
import { createHeliaPinner } from '../../src/core/dag/helia-pinner.ts'
import { createFetch } from '../../src/core/http/fetch.ts'
import { silentLog } from '../../src/core/log.ts'
import type { Digest } from '../../src/core/oci/digest.ts'
import type { Network, PeerId } from '../../src/core/swarm/ports.ts'
import { openSqliteInMemory } from '../../src/node/sqlite.ts'
import { openNodePeer } from '../../src/node/swarm/open-peer.ts'

export interface FleetPeer {
  readonly id: PeerId
  readonly network: Network
  readonly address: string
  fetch(request: Request): Promise<Response>
  /** The peers that gave a blob to this one, each with how many bytes of it. */
  origins(digest: Digest): Promise<readonly { readonly peer: PeerId; readonly bytes: number }[]>
  /** Bytes that went from here to these, with what was said about them. */
  sent(others: readonly FleetPeer[]): number
  close(): Promise<void>
}

/** Peers that the others are told of. */
const KNOWN = 3

/** Many peers on few cores are slow to answer, and must not be put aside for that. */
const PATIENT = {
  reach: 'network',
  mdns: false,
  listen: ['/ip4/127.0.0.1/tcp/0'],
  timeout: '60s',
  stall: '120s',
}

export async function openFleet(count: number): Promise<FleetPeer[]> {
  const peers: FleetPeer[] = []
  while (peers.length < count) peers.push(await openFleetPeer(peers.slice(0, KNOWN)))
  return peers
}

export async function closeFleet(peers: readonly FleetPeer[]): Promise<void> {
  await Promise.all(peers.map((peer) => peer.close()))
}

/** Waits until each peer is connected to some others, and none has come or gone for so many milliseconds. */
export async function settled(peers: readonly FleetPeer[], quiet: number): Promise<void> {
  let since = performance.now()
  for (let before = 0; performance.now() - since < quiet; await sleep(100)) {
    const now = connectionsOf(peers)
    const isMeeting = now !== before || peers.some(({ network }) => network.peers().length < KNOWN)
    if (isMeeting) since = performance.now()
    before = now
  }
}

export const connectionsOf = (peers: readonly FleetPeer[]): number =>
  peers.reduce((sum, { network }) => sum + network.peers().length, 0) / 2

export async function openFleetPeer(known: readonly FleetPeer[]): Promise<FleetPeer> {
  const config = configOf(known.map(({ address }) => address))
  const disk = createMemoryDisk()
  const database = await openSqliteInMemory()
  const assembly = await assemble({ disk, database, config, log: silentLog })
  const { catalog } = assembly.store
  const blockstore = createBlockstore({ blobs: disk, catalog, isShared: assembly.sharing.shares })
  const peer = await openNodePeer({ config, datastore: createDatastore(catalog), blockstore, log: silentLog })
  const { network, helia, traffic } = peer
  const hashLeaf = (leaf: Uint8Array) => ({ leaf, hash: hash('sha256', leaf, 'buffer') })
  const swarm = assembly.join({ network, hashLeaf, pinner: createHeliaPinner(helia.pins) })
  await peer.join(swarm.handler)
  const sentTo = (id: PeerId) => Object.values(traffic.of(id)).reduce((sum, { sent }) => sum + sent, 0)
  return {
    id: network.self,
    network,
    address: peer.addresses()[0]!,
    fetch: createFetch(assembly.registry),
    origins: catalog.sources.of,
    sent: (others) => others.reduce((sum, { id }) => sum + sentTo(id), 0),
    async close() {
      await assembly.close()
      await peer.close()
      await database.close()
    },
  }
}

const configOf = (bootstrap: readonly string[]): Config =>
  configSchema.parse({ version: 0.1, storage: { inmemory: {} }, swarm: { ...PATIENT, bootstrap } })
