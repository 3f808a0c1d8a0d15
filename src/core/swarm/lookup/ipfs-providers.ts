/**
 * Finds peers of IPFS at large for what no registry has. They are asked for the first leaf of a blob, so its hash must
 * be known: from the catalog, where a blob's file is lost, or from the digest of a blob of one leaf.
 */

import { LRUCache } from 'lru-cache'
import { createChannel } from '../../async/channel.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { Config } from '../../config.ts'
import { HASH_SIZE, LEAF_SIZE } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import { recordedClaim } from '../download/claim.ts'
import { leafHashesOf } from '../download/fetch-by-bitswap.ts'
import type { IpfsBlocks, PeerId } from '../ports.ts'
import type { PeerBackoff } from './peer-backoff.ts'
import type { ContentRouting, Provider } from './providers.ts'

export interface IpfsRoutingDeps {
  readonly blocks: SampledBlocks
  readonly catalog: Catalog
  readonly backoff: PeerBackoff
  readonly settings: Pick<Config['swarm'], 'timeout'>
}

/** Peers that are asked for the same leaf, each of which may send it. */
const MAX_ASKED = 4

/** Asks as `finder` does, and in the time that this leaves, those others. */
export function createIpfsRouting(routing: ContentRouting, parts: IpfsRoutingDeps): ContentRouting {
  const { blocks, catalog, backoff, settings } = parts

  async function offerOf(peer: PeerId, digest: Digest, signal: AbortSignal): Promise<Provider | undefined> {
    const hashes = await leafHashesOf(catalog, digest)
    if (!hashes) return undefined
    const length = await blocks.sample(peer, hashes.subarray(0, HASH_SIZE), { signal })
    const recorded = await recordedClaim(catalog, digest)
    if (recorded) return { peer, offer: { size: recorded.size, root: recorded.root } }
    return length <= LEAF_SIZE ? { peer, offer: { size: length } } : undefined
  }

  function ask(digest: Digest, signal: AbortSignal): AsyncIterable<Provider> {
    const found = createChannel<Provider>()
    const asked = blocks.peers().filter((peer) => !backoff.blockOf(peer))
    const asking = asked.slice(0, MAX_ASKED).map(async (peer) => {
      const provider = await offerOf(peer, digest, signal).catch(() => undefined)
      if (provider) found.push(provider)
    })
    void Promise.all(asking).then(found.end)
    return found
  }

  return {
    async *findProviders(digest, options = {}) {
      const { signal } = options
      const deadline = performance.now() + settings.timeout
      let isFound = false
      for await (const provider of routing.findProviders(digest, options)) {
        isFound = true
        yield provider
      }
      const left = Math.round(deadline - performance.now())
      if (isFound || left <= 0 || signal?.aborted) return
      const limit = AbortSignal.timeout(left)
      yield* ask(digest, signal ? AbortSignal.any([signal, limit]) : limit)
    },
  }
}

export interface SampledBlocks extends IpfsBlocks {
  /** The length of the block, which `get` then gives at once, and once. */
  sample(peer: PeerId, hash: Uint8Array, options: { readonly signal: AbortSignal }): Promise<number>
}

const MAX_KEPT = 4

/** Milliseconds. */
const LIFETIME = 30_000

export function createSampledBlocks({ peers, get }: IpfsBlocks): SampledBlocks {
  const kept = new LRUCache<string, Uint8Array>({ max: MAX_KEPT, ttl: LIFETIME })
  return {
    peers,

    async get(peer, hash, options) {
      const key = hash.join()
      const block = kept.get(key)
      kept.delete(key)
      return block ?? get(peer, hash, options)
    },

    async sample(peer, hash, options) {
      const block = await get(peer, hash, options)
      kept.set(hash.join(), block)
      return block.length
    },
  }
}
