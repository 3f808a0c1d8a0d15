/** Joins the swarm: connects the assembled registry with a libp2p peer and the bulk server. */
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
import { parseHostPort } from '../host-port.ts'
import { isHttpRequester, type LocalPeer } from '../http/peer-endpoint.ts'
import { createLeafHasher } from '../leaves/pool.ts'
import { hasWebRtc } from './listen.ts'
import { type NodePeer, openNodePeer } from './open-peer.ts'

export interface SwarmDeps {
  readonly assembly: Assembly
  readonly disk: Disk
  readonly config: Config
  /** `undefined` for a registry that stores nothing. */
  readonly dataFolder: string | undefined
  readonly log: Log
}

export interface JoinedSwarm {
  status: NodePeer['status']
  /** Handles requests of peers that come by HTTP. */
  readonly localPeer: LocalPeer
  close(): Promise<void>
  /** Like `close`, for a process that exits right after: it leaves WebRTC open, whose library might abort the process. */
  leave(): Promise<void>
}

const HTTP_PROTOCOL = 'http'

export async function joinSwarm(deps: SwarmDeps): Promise<JoinedSwarm> {
  const { assembly, disk, config, dataFolder, log } = deps
  const { catalog } = assembly.store
  const blockstore = createBlockstore({ blobs: disk, catalog, isShared: assembly.sharing.shares })
  const datastore = createDatastore(catalog)
  await using opened = new AsyncDisposableStack()
  const peer = await openNodePeer({ config, dataFolder, datastore, blockstore, log })
  let isLeaving = false
  opened.defer(() => (isLeaving && hasWebRtc(config) ? peer.leave() : peer.close()))
  const { network, helia, traffic, blocks } = peer
  const bulk = config.swarm.bulk.enabled ? await openBulk(deps, peer) : undefined
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
    offerHttp: (id) => (isHttpRequester(id) ? undefined : bulk?.offerFor(id)),
    pinner: createHeliaPinner(helia.pins),
  })
  await peer.join(swarm.handler)
  const resources = opened.move()
  return {
    status: () => withHttpRequesters(peer.status(), traffic),
    localPeer: {
      id: network.self,
      addresses: peer.addresses,
      answer: withoutSlots(swarm.handler),
      sign: network.sign,
      onSent: (requester, bytes) => traffic.add(requester, HTTP_PROTOCOL, 'sent', bytes),
    },
    close: () => resources.disposeAsync(),
    leave() {
      isLeaving = true
      return resources.disposeAsync()
    },
  }
}

/** Lists HTTP requesters among the peers, by their traffic, because they are never connected for long. */
function withHttpRequesters(status: SwarmStatus, traffic: Traffic): SwarmStatus {
  const requesters = traffic.peers().filter(isHttpRequester)
  const rows = requesters.map((id): PeerStatus => {
    return { id, addresses: [], direction: 'inbound', transport: HTTP_PROTOCOL, moved: traffic.of(id) }
  })
  return { ...status, peers: [...status.peers, ...rows] }
}

/** HTTP requesters have no peer id by which they could be offered to others as an alternative, so they get no slots. */
const withoutSlots =
  (answer: RequestHandler): RequestHandler =>
  async (request, requester, options) =>
    (request as { ask?: unknown } | null)?.ask === 'turn'
      ? { value: null }
      : answer(request, requester, options)

function openBulk({ assembly, disk, config, log }: SwarmDeps, { traffic }: NodePeer): Promise<BulkServer> {
  const { sharing } = assembly
  const { host } = parseHostPort(config.http.addr)
  return openBulkServer({
    ...(host !== undefined && { host }),
    port: config.swarm.bulk.port,
    blobs: async (digest) => ((await sharing.shares(digest)) ? disk.get(digest) : undefined),
    tickets: createTickets(),
    log,
    onSent: (id, bytes) => traffic.add(id, HTTP_PROTOCOL, 'sent', bytes),
  })
}
