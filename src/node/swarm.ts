/** Joins the swarm: this machine's peer between the assembled registry and the network. */
import type { Assembly } from '../core/assemble.ts'
import type { Disk } from '../core/blobs/ports.ts'
import type { Config } from '../core/config.ts'
import { createHeliaPinner } from '../core/dag/helia-pinner.ts'
import type { Log } from '../core/log.ts'
import { createHttpRoad } from './bulk/road.ts'
import { type BulkServer, openBulkServer } from './bulk/server.ts'
import { createTickets } from './bulk/tickets.ts'
import { createLeafHasher } from './leaves/leaf-hasher.ts'
import { type NodePeer, openNodePeer } from './swarm/open-peer.ts'

export interface SwarmParts {
  readonly assembly: Assembly
  readonly disk: Disk
  readonly config: Config
  /** `undefined`: nothing outlives the process. */
  readonly dataFolder: string | undefined
  readonly log: Log
}

export interface JoinedSwarm {
  status: NodePeer['status']
  close(): Promise<void>
}

const HTTP_ROAD = 'http'

export async function joinSwarm(parts: SwarmParts): Promise<JoinedSwarm> {
  const { assembly, config, dataFolder, log } = parts
  const { blockstore, datastore } = assembly
  await using opened = new AsyncDisposableStack()
  const peer = await openNodePeer({ config, dataFolder, datastore, blockstore, log })
  opened.defer(peer.close)
  const { network, helia, traffic, blocks } = peer
  const bulk = config.swarm.bulk.enabled ? await openBulk(parts, peer) : undefined
  if (bulk) opened.defer(bulk.close)
  const road = createHttpRoad({
    hostsOf: peer.hostsOf,
    onReceived: (id, bytes) => traffic.add(id, HTTP_ROAD, 'received', bytes),
  })
  const swarm = assembly.join({
    network,
    blocks,
    roads: [road],
    hashLeaf: createLeafHasher(),
    offerHttp: (id) => bulk?.offerFor(id),
    pinner: createHeliaPinner(helia.pins),
  })
  await peer.join(swarm.answer)
  const parts_ = opened.move()
  return { status: peer.status, close: () => parts_.disposeAsync() }
}

function openBulk({ assembly, disk, config, log }: SwarmParts, { traffic }: NodePeer): Promise<BulkServer> {
  const { sharing } = assembly
  const host = hostOf(config.http.addr)
  return openBulkServer({
    ...(host !== '' && { host }),
    port: config.swarm.bulk.port,
    blobs: async (digest) => ((await sharing.shares(digest)) ? disk.get(digest) : undefined),
    tickets: createTickets(),
    log,
    onSent: (id, bytes) => traffic.add(id, HTTP_ROAD, 'sent', bytes),
  })
}

const hostOf = (addr: string): string => addr.slice(0, addr.lastIndexOf(':')).replace(/^\[|\]$/g, '')
