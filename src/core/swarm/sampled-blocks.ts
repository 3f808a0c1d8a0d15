/**
 * Blocks, of which one may be asked for only to see who has it. It is kept for whoever wants it next, since some
 * peers do not send the same block twice.
 */
import { LRUCache } from 'lru-cache'
import type { Blocks, PeerId } from './ports.ts'

export interface SampledBlocks extends Blocks {
  /** The length of the block, which `get` then gives at once, and once. */
  sample(peer: PeerId, hash: Uint8Array, options: { readonly signal: AbortSignal }): Promise<number>
}

const MOST_KEPT = 4

/** Milliseconds. */
const LIFETIME = 30_000

export function createSampledBlocks({ peers, get }: Blocks): SampledBlocks {
  const kept = new LRUCache<string, Uint8Array>({ max: MOST_KEPT, ttl: LIFETIME })
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
