/** Joins the swarm: this machine's peer between the assembled registry and the network. */
import type { Assembly } from '../../core/assemble.ts'
import type { Disk } from '../../core/blobs/ports.ts'
import type { Config } from '../../core/config.ts'
import { createBlockstore } from '../../core/dag/blockstore.ts'
import { createDatastore } from '../../core/dag/datastore.ts'
import { createHeliaPinner } from '../../core/dag/helia-pinner.ts'
import type { PeerStatus, SwarmStatus } from '../../core/libp2p/status.ts'
import type { Traffic } from '../../core/libp2p/traffic.ts'
import type { Log } from '../../core/log.ts'
import type { RequestHandler } from '../../core/swarm/serve/handler.ts'
import { createHttpsFetcher } from '../bulk/fetch-by-https.ts'
import { type BulkServer, openBulkServer } from '../bulk/server.ts'
import { createTickets } from '../bulk/tickets.ts'
import { isAsker, type LocalPeer } from '../http/peer-endpoint.ts'
import { createLeafHasher } from '../leaves/leaf-hasher.ts'
import { hasWebRtc } from './listen.ts'
import { type NodePeer, openNodePeer } from './open-peer.ts'

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
  /** What peers that come by HTTP may ask. */
  readonly asked: LocalPeer
  close(): Promise<void>
  /** Closes what can be closed in a process that is to end at once: not WebRTC, whose library may abort it then. */
  leave(): Promise<void>
}

const HTTP_PROTOCOL = 'http'

export async function joinSwarm(parts: SwarmParts): Promise<JoinedSwarm> {
  const { assembly, disk, config, dataFolder, log } = parts
  const { catalog } = assembly.store
  const blockstore = createBlockstore({ blobs: disk, catalog, isShared: assembly.sharing.shares })
  const datastore = createDatastore(catalog)
  await using opened = new AsyncDisposableStack()
  const peer = await openNodePeer({ config, dataFolder, datastore, blockstore, log })
  let isLeaving = false
  opened.defer(() => (isLeaving && hasWebRtc(config) ? peer.leave() : peer.close()))
  const { network, helia, traffic, blocks } = peer
  const bulk = config.swarm.bulk.enabled ? await openBulk(parts, peer) : undefined
  if (bulk) opened.defer(bulk.close)
  const fetcher = createHttpsFetcher({
    hostsOf: peer.hostsOf,
    onReceived: (id, bytes) => traffic.add(id, HTTP_PROTOCOL, 'received', bytes),
  })
  const swarm = assembly.join({
    network,
    blocks,
    fetchers: [fetcher],
    hashLeaf: createLeafHasher(),
    offerHttp: (id) => (isAsker(id) ? undefined : bulk?.offerFor(id)),
    pinner: createHeliaPinner(helia.pins),
  })
  await peer.join(swarm.answer)
  const parts_ = opened.move()
  return {
    status: () => withAskers(peer.status(), traffic),
    asked: {
      id: network.self,
      addresses: peer.addresses,
      answer: withoutTurns(swarm.answer),
      sign: network.sign,
      onSent: (asker, bytes) => traffic.add(asker, HTTP_PROTOCOL, 'sent', bytes),
    },
    close: () => parts_.disposeAsync(),
    leave() {
      isLeaving = true
      return parts_.disposeAsync()
    },
  }
}

/** Those that come by HTTP stand among the peers, by what they took: they are never connected for long. */
function withAskers(status: SwarmStatus, traffic: Traffic): SwarmStatus {
  const askers = traffic.peers().filter(isAsker)
  const rows = askers.map((id): PeerStatus => {
    return { id, addresses: [], direction: 'inbound', transport: HTTP_PROTOCOL, moved: traffic.of(id) }
  })
  return { ...status, peers: [...status.peers, ...rows] }
}

/** Whoever has no id cannot be named to others who wait, and so stands in no line. */
const withoutTurns =
  (answer: RequestHandler): RequestHandler =>
  async (question, asker, options) =>
    (question as { ask?: unknown } | null)?.ask === 'turn'
      ? { value: null }
      : answer(question, asker, options)

function openBulk({ assembly, disk, config, log }: SwarmParts, { traffic }: NodePeer): Promise<BulkServer> {
  const { sharing } = assembly
  const host = hostOf(config.http.addr)
  return openBulkServer({
    ...(host !== '' && { host }),
    port: config.swarm.bulk.port,
    blobs: async (digest) => ((await sharing.shares(digest)) ? disk.get(digest) : undefined),
    tickets: createTickets(),
    log,
    onSent: (id, bytes) => traffic.add(id, HTTP_PROTOCOL, 'sent', bytes),
  })
}

const hostOf = (addr: string): string => addr.slice(0, addr.lastIndexOf(':')).replace(/^\[|\]$/g, '')
