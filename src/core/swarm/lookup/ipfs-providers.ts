/**
 * Finds IPFS peers for what no registry has. They are asked for the first leaf of a blob, so its hash must be known: from
 * the catalog, if only the blob's file is lost, or from the digest of a blob of a single leaf.
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

/** Peers that are asked for the same leaf. Each may send it. */
const MAX_PEERS = 4

/** Tries `routing` first, then IPFS peers within the remaining time. */
export function createIpfsRouting(routing: ContentRouting, deps: IpfsRoutingDeps): ContentRouting {
  const { blocks, catalog, backoff, settings } = deps

  async function providerOf(
    peer: PeerId,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<Provider | undefined> {
    const hashes = await leafHashesOf(catalog, digest)
    if (!hashes) return undefined
    const length = await blocks.sample(peer, hashes.subarray(0, HASH_SIZE), { signal })
    const recorded = await recordedClaim(catalog, digest)
    if (recorded) return { peer, offer: { size: recorded.size, root: recorded.root } }
    return length <= LEAF_SIZE ? { peer, offer: { size: length } } : undefined
  }

  function findIpfsProviders(digest: Digest, signal: AbortSignal): AsyncIterable<Provider> {
    const found = createChannel<Provider>()
    const peers = blocks.peers().filter((peer) => !backoff.blockOf(peer))
    const requests = peers.slice(0, MAX_PEERS).map(async (peer) => {
      const provider = await providerOf(peer, digest, signal).catch(() => undefined)
      if (provider) found.push(provider)
    })
    void Promise.all(requests).then(found.end)
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
      yield* findIpfsProviders(digest, signal ? AbortSignal.any([signal, limit]) : limit)
    },
  }
}

export interface SampledBlocks extends IpfsBlocks {
  /** Fetches the block for the next `get`, which then resolves at once, and tells its length. */
  sample(peer: PeerId, hash: Uint8Array, options: { readonly signal: AbortSignal }): Promise<number>
}

const MAX_SAMPLES = 4

const SAMPLE_TTL_MS = 30_000

export function createSampledBlocks({ peers, get }: IpfsBlocks): SampledBlocks {
  const samples = new LRUCache<string, Uint8Array>({ max: MAX_SAMPLES, ttl: SAMPLE_TTL_MS })
  return {
    peers,

    async get(peer, hash, options) {
      const key = hash.join()
      const block = samples.get(key)
      samples.delete(key)
      return block ?? get(peer, hash, options)
    },

    async sample(peer, hash, options) {
      const block = await get(peer, hash, options)
      samples.set(hash.join(), block)
      return block.length
    },
  }
}
