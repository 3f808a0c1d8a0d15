/** The swarm of one registry, joined: what it asks of peers, what it answers them, what it tells the DHT. */
import type { Disk } from '../blobs/ports.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Digest, DigestOf } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { ExplainAbsence } from '../store/absence.ts'
import type { Remote } from '../store/remote.ts'
import type { Store } from '../store/store.ts'
import { createDownloads } from './download/downloads.ts'
import { createBitswapFetcher } from './download/fetch-by-bitswap.ts'
import { createStreamFetcher } from './download/fetch-by-stream.ts'
import { createLooking } from './looking.ts'
import { createBelonging } from './lookup/belonging.ts'
import { createExplain } from './lookup/explain.ts'
import { createIpfsRouting, createSampledBlocks } from './lookup/ipfs-providers.ts'
import { createPeerBackoff } from './lookup/peer-backoff.ts'
import { createPeerLists, type PeerLists } from './lookup/peer-lists.ts'
import { createContentRouting } from './lookup/providers.ts'
import { createTrust } from './lookup/trust.ts'
import { createManifests } from './manifests.ts'
import type { HashLeaf, IpfsBlocks, Network, PeerId, RangeFetcher } from './ports.ts'
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

/** What a platform brings along. */
export interface SwarmPlatform {
  readonly network: Network
  /** Ways to move bytes that are faster than a stream of the network, the fastest first. */
  readonly fetchers?: readonly RangeFetcher[]
  readonly hashLeaf: HashLeaf
  /** Peers of IPFS at large, for what no registry has. */
  readonly blocks?: IpfsBlocks | undefined
  /** Peers that are trusted besides those of the configuration. */
  trusts?(peer: PeerId): boolean
  /** How old a tag may be that was taken from a peer, in milliseconds; in place of the configuration's. */
  tagAge?(): number
  /** Where this peer may get a blob by HTTPS, if anywhere. */
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
  readonly answer: RequestHandler
  /** What peers say they have. */
  readonly lists: PeerLists
  readonly explain: ExplainAbsence
  /** There may be something new to tell the DHT. */
  provide(): void
  /** Tags that were taken from these peers are served no longer: they are not trusted any more. */
  forgetTagsOf(peers: readonly PeerId[]): Promise<void>
  close(): Promise<void>
}

export function createSwarm(parts: SwarmDeps): Swarm {
  const { network, store, settings, disk } = parts
  const blocks = parts.blocks && createSampledBlocks(parts.blocks)
  const closing = new AbortController()
  const { catalog } = store
  const trust = createTrust(settings, parts.trusts)
  const backoff = createPeerBackoff((peer) => network.reward?.(peer))
  const shared = { ...parts, catalog, trust, backoff, closing: closing.signal }
  const routing = createContentRouting(shared)
  const belonging = createBelonging(routing, catalog)
  const fetchers = [...(parts.fetchers ?? []), createStreamFetcher(network)]
  if (blocks) fetchers.unshift(createBitswapFetcher(blocks, catalog))
  const blobFinder = blocks ? createIpfsRouting(routing, { ...shared, blocks }) : routing
  const downloads = createDownloads({ ...shared, routing: blobFinder, fetchers })
  const reads = createSmallReads({ ...shared, routing, belonging })
  const manifests = createManifests({ ...shared, reads })
  const looking = createLooking(reads)
  const tagAge = parts.tagAge ?? (() => settings.tags.maxage)
  const tags = createTags(shared)
  const referrers = createReferrers({ ...shared, manifests, belonging })
  const providing = createReprovider(shared)
  const underWay = (digest: Digest) => downloads.underWay(digest, parts.sharing.sharesRepository)
  const answer = createRequestHandler({
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
      looking,
      belonging,
      tags,
      referrers,
      tagAge,
    }),
    answer: createListHandler(shared, answer),
    lists,
    explain: createExplain({ ...shared, lists }),
    forgetTagsOf: (peers) => catalog.transaction(({ tags }) => tags.forgetPeers(peers)),
    provide: () => settings.dht.enabled && providing.wake(),
    async close() {
      closing.abort(new Error('the registry is stopping'))
      await Promise.all([downloads.close(), providing.close()])
    },
  }
}
