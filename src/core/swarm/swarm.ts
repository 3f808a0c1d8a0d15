/** Wires the swarm of one registry: what it requests from peers, what it serves to them, what it announces in the DHT. */
import type { Disk } from '../blobs/ports.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Digest, DigestOf } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { ExplainAbsence, Remote } from '../store/remote.ts'
import type { Store } from '../store/store.ts'
import { createDownloads } from './download/downloads.ts'
import { createBitswapFetcher } from './download/fetch-by-bitswap.ts'
import { createStreamFetcher } from './download/fetch-by-stream.ts'
import { createExplain } from './lookup/explain.ts'
import { createIpfsRouting, createSampledBlocks } from './lookup/ipfs-providers.ts'
import { createMembership } from './lookup/membership.ts'
import { createPeerBackoff } from './lookup/peer-backoff.ts'
import { createPeerLists, type PeerLists } from './lookup/peer-lists.ts'
import { createContentRouting } from './lookup/providers.ts'
import { createTrust } from './lookup/trust.ts'
import { createManifests } from './manifests.ts'
import type { HashLeaf, IpfsBlocks, Network, PeerId, RangeFetcher } from './ports.ts'
import { createPreviews } from './previews.ts'
import type { Offer } from './protocol/messages.ts'
import { signStatement } from './protocol/statements.ts'
import { createReferrers } from './referrers.ts'
import { createRemote } from './remote.ts'
import { createRequestHandler, type RequestHandler } from './serve/handler.ts'
import { createListHandler } from './serve/list-handler.ts'
import { createReprovider } from './serve/reprovider.ts'
import type { SharePolicy } from './serve/share-policy.ts'
import { createSmallReads } from './small-reads.ts'
import { createTags } from './tags.ts'

/** What a platform provides. */
export interface SwarmPlatform {
  readonly network: Network
  /** Ways to fetch bytes that are faster than a stream of the network, the fastest first. */
  readonly fetchers?: readonly RangeFetcher[]
  readonly hashLeaf: HashLeaf
  /** IPFS peers, for what no registry has. */
  readonly blocks?: IpfsBlocks | undefined
  /** Peers that are trusted in addition to those in the configuration. */
  trusts?(peer: PeerId): boolean
  /** How old a tag from a peer may be, in milliseconds. Overrides the configuration. */
  tagAge?(): number
  /** Where this peer may fetch a blob by HTTPS, if anywhere. */
  offerHttp?(peer: PeerId, digest: Digest): Offer['http'] | Promise<Offer['http']>
}

export interface SwarmDeps extends SwarmPlatform {
  readonly store: Store
  readonly disk: Disk
  readonly sharing: SharePolicy
  readonly settings: Config['swarm']
  readonly digestOf: DigestOf
  /** @throws RegistryError for a manifest that would be refused if it were pushed here */
  check(manifest: Manifest): void
  readonly log: Log
}

export interface Swarm {
  readonly remote: Remote
  readonly handler: RequestHandler
  /** What peers say that they have. */
  readonly lists: PeerLists
  readonly explain: ExplainAbsence
  /** There may be something new to announce in the DHT. */
  provide(): void
  /** Stops serving tags that came from these peers, because they are no longer trusted. */
  forgetTagsOf(peers: readonly PeerId[]): Promise<void>
  close(): Promise<void>
}

export function createSwarm(deps: SwarmDeps): Swarm {
  const { network, store, settings, disk } = deps
  const blocks = deps.blocks && createSampledBlocks(deps.blocks)
  const closing = new AbortController()
  const { catalog } = store
  const trust = createTrust(settings, deps.trusts)
  const backoff = createPeerBackoff((peer) => network.reward?.(peer))
  const shared = { ...deps, catalog, trust, backoff, closing: closing.signal }
  const routing = createContentRouting(shared)
  const membership = createMembership(routing, catalog)
  const fetchers = [...(deps.fetchers ?? []), createStreamFetcher(network)]
  if (blocks) fetchers.unshift(createBitswapFetcher(blocks, catalog))
  const blobFinder = blocks ? createIpfsRouting(routing, { ...shared, blocks }) : routing
  const downloads = createDownloads({ ...shared, routing: blobFinder, fetchers, membership })
  const reads = createSmallReads({ ...shared, routing, membership })
  const manifests = createManifests({ ...shared, reads })
  const previews = createPreviews(reads)
  const tagAge = deps.tagAge ?? (() => settings.tags.maxage)
  const tags = createTags(shared)
  const referrers = createReferrers({ ...shared, manifests, membership })
  const reprovider = createReprovider(shared)
  const underWay = (digest: Digest) => downloads.underWay(digest, deps.sharing.sharesRepository)
  const handler = createRequestHandler({
    ...shared,
    disk,
    underWay,
    signTag: tags.sign,
    sign: (statement) => signStatement(network, statement),
  })
  const lists = createPeerLists(shared)
  return {
    remote: createRemote({
      ...shared,
      downloads,
      manifests,
      previews,
      tags,
      referrers,
      tagAge,
    }),
    handler: createListHandler(shared, handler),
    lists,
    explain: createExplain({ ...shared, lists }),
    forgetTagsOf: (peers) => catalog.transaction(({ tags }) => tags.forgetPeers(peers)),
    provide: () => settings.dht.enabled && reprovider.wake(),
    async close() {
      closing.abort(new Error('the registry is stopping'))
      await Promise.all([downloads.close(), reprovider.close()])
    },
  }
}
