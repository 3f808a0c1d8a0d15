/** The swarm of one registry, joined: what it asks of peers, what it answers them, what it tells the DHT. */
import type { Disk } from '../blobs/ports.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Digest, DigestOf } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { ExplainAbsence } from '../store/absence.ts'
import type { Elsewhere } from '../store/elsewhere.ts'
import type { Store } from '../store/store.ts'
import { type AnswerQuestion, createAnswers } from './answers.ts'
import { createBelonging } from './belonging.ts'
import { createBlockFinder } from './block-holders.ts'
import { createBlockRoad } from './block-road.ts'
import { createDownloads } from './downloads.ts'
import { createElsewhere } from './elsewhere.ts'
import { createExplain } from './explain.ts'
import { createFinder } from './holders.ts'
import { createListAnswers } from './list-answers.ts'
import { createLooking } from './looking.ts'
import { createManifests } from './manifests.ts'
import type { Offer } from './messages.ts'
import { createPeerLists, type PeerLists } from './peer-lists.ts'
import type { Blocks, HashLeaf, Network, PeerId, Road } from './ports.ts'
import { createProviding } from './providing.ts'
import { createReferrers } from './referrers.ts'
import { createSampledBlocks } from './sampled-blocks.ts'
import type { Sharing } from './sharing.ts'
import { createSmallReads } from './small-reads.ts'
import { createStanding } from './standing.ts'
import { signStatement } from './statements.ts'
import { createStreamRoad } from './stream-road.ts'
import { createTags } from './tags.ts'
import { createTrust } from './trust.ts'

/** What a platform brings along. */
export interface Means {
  readonly network: Network
  /** Ways to move bytes that are faster than a stream of the network, the fastest first. */
  readonly roads?: readonly Road[]
  readonly hashLeaf: HashLeaf
  /** Peers of IPFS at large, for what no registry has. */
  readonly blocks?: Blocks | undefined
  /** Peers that are trusted besides those of the configuration. */
  trusts?(peer: PeerId): boolean
  /** How old a tag may be that was taken from a peer, in milliseconds; in place of the configuration's. */
  tagAge?(): number
  /** Where this peer may get a blob by HTTPS, if anywhere. */
  offerHttp?(peer: PeerId, digest: Digest): Offer['http'] | Promise<Offer['http']>
}

export interface SwarmParts extends Means {
  readonly store: Store
  readonly disk: Disk
  readonly sharing: Sharing
  readonly settings: Config['swarm']
  readonly digestOf: DigestOf
  /** @throws RegistryError for a manifest that would be refused if it were pushed here */
  check(manifest: Manifest): void
  readonly log: Log
}

export interface Swarm {
  readonly elsewhere: Elsewhere
  readonly answer: AnswerQuestion
  /** What peers say they have. */
  readonly lists: PeerLists
  readonly explain: ExplainAbsence
  /** There may be something new to tell the DHT. */
  provide(): void
  /** Tags that were taken from these peers are served no longer: they are not trusted any more. */
  forgetTagsOf(peers: readonly PeerId[]): Promise<void>
  close(): Promise<void>
}

export function createSwarm(parts: SwarmParts): Swarm {
  const { network, store, settings, disk } = parts
  const blocks = parts.blocks && createSampledBlocks(parts.blocks)
  const closing = new AbortController()
  const { catalog } = store
  const trust = createTrust(settings, parts.trusts)
  const standing = createStanding((peer) => network.proved?.(peer))
  const shared = { ...parts, catalog, trust, standing, closing: closing.signal }
  const finder = createFinder(shared)
  const belonging = createBelonging(finder, catalog)
  const roads = [...(parts.roads ?? []), createStreamRoad(network)]
  if (blocks) roads.unshift(createBlockRoad(blocks, catalog))
  const blobFinder = blocks ? createBlockFinder(finder, { ...shared, blocks }) : finder
  const downloads = createDownloads({ ...shared, finder: blobFinder, roads })
  const reads = createSmallReads({ ...shared, finder, belonging })
  const manifests = createManifests({ ...shared, reads })
  const looking = createLooking(reads)
  const tagAge = parts.tagAge ?? (() => settings.tags.maxage)
  const tags = createTags(shared)
  const referrers = createReferrers({ ...shared, manifests, belonging })
  const providing = createProviding(shared)
  const underWay = (digest: Digest) => downloads.underWay(digest, parts.sharing.sharesRepository)
  const answer = createAnswers({
    ...shared,
    disk,
    underWay,
    signTag: tags.sign,
    sign: (statement) => signStatement(network, statement),
  })
  const lists = createPeerLists(shared)
  return {
    elsewhere: createElsewhere({
      ...shared,
      downloads,
      manifests,
      looking,
      belonging,
      tags,
      referrers,
      tagAge,
    }),
    answer: createListAnswers(shared, answer),
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
