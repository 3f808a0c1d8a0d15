/**
 * Finds peers of IPFS at large for what no registry has. They are asked for the first leaf of a blob, so its hash must
 * be known: from the catalog, where a blob's file is lost, or from the digest of a blob of one leaf.
 */
import { LEAF_SIZE } from '../catalog/blobs.ts'
import { HASH_SIZE } from '../catalog/blocks.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Config } from '../config.ts'
import type { Digest } from '../oci/digest.ts'
import { leafHashesOf } from './block-road.ts'
import { createChannel } from './channel.ts'
import type { Finder, Holder } from './holders.ts'
import type { PeerId } from './ports.ts'
import { recordedClaim } from './recorded-claim.ts'
import type { SampledBlocks } from './sampled-blocks.ts'
import type { Standing } from './standing.ts'

export interface BlockFinderParts {
  readonly blocks: SampledBlocks
  readonly catalog: Catalog
  readonly standing: Standing
  readonly settings: Pick<Config['swarm'], 'timeout'>
}

/** Peers that are asked for the same leaf, each of which may send it. */
const MOST_ASKED = 4

/** Asks as `finder` does, and in the time that this leaves, those others. */
export function createBlockFinder(finder: Finder, parts: BlockFinderParts): Finder {
  const { blocks, catalog, standing, settings } = parts

  async function offerOf(peer: PeerId, digest: Digest, signal: AbortSignal): Promise<Holder | undefined> {
    const hashes = await leafHashesOf(catalog, digest)
    if (!hashes) return undefined
    const length = await blocks.sample(peer, hashes.subarray(0, HASH_SIZE), { signal })
    const recorded = await recordedClaim(catalog, digest)
    if (recorded) return { peer, offer: { size: recorded.size, root: recorded.root } }
    return length <= LEAF_SIZE ? { peer, offer: { size: length } } : undefined
  }

  function ask(digest: Digest, signal: AbortSignal): AsyncIterable<Holder> {
    const found = createChannel<Holder>()
    const asked = blocks.peers().filter((peer) => !standing.asideOf(peer))
    const asking = asked.slice(0, MOST_ASKED).map(async (peer) => {
      const holder = await offerOf(peer, digest, signal).catch(() => undefined)
      if (holder) found.push(holder)
    })
    void Promise.all(asking).then(found.end)
    return found
  }

  return {
    async *find(digest, options = {}) {
      const { signal } = options
      const deadline = performance.now() + settings.timeout
      let isFound = false
      for await (const holder of finder.find(digest, options)) {
        isFound = true
        yield holder
      }
      const left = Math.round(deadline - performance.now())
      if (isFound || left <= 0 || signal?.aborted) return
      const limit = AbortSignal.timeout(left)
      yield* ask(digest, signal ? AbortSignal.any([signal, limit]) : limit)
    },
  }
}
