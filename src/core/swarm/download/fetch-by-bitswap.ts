/** The road to peers of IPFS at large: each leaf is a block, asked for by its hash. */

import type { Catalog } from '../../catalog/catalog.ts'
import { HASH_SIZE, hashAt, hashBytesOf, LEAF_SIZE } from '../../leaf.ts'
import { algorithmOf, type Digest } from '../../oci/digest.ts'
import type { ByteRange } from '../../oci/range.ts'
import type { IpfsBlocks, PeerId, RangeFetcher } from '../ports.ts'

/** What the catalog knows of the leaves, 32 bytes apiece; else the digest, which the only leaf may have for its hash. */
export async function leafHashesOf(
  { leaves }: Pick<Catalog, 'leaves'>,
  digest: Digest,
): Promise<Uint8Array | undefined> {
  return (await leaves.get(digest)) ?? (algorithmOf(digest) === 'sha256' ? hashBytesOf(digest) : undefined)
}

export function createBitswapFetcher(blocks: IpfsBlocks, catalog: Pick<Catalog, 'leaves'>): RangeFetcher {
  async function* fetch(
    peer: PeerId,
    digest: Digest,
    { start, end }: ByteRange,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const hashes = await leafHashesOf(catalog, digest)
    const left = new AbortController()
    const options = { signal: AbortSignal.any([signal, left.signal]) }
    const coming: Promise<Uint8Array>[] = []
    // All of a range at once, which is short: one block a round trip would be slow.
    for (let leaf = start / LEAF_SIZE; leaf * LEAF_SIZE <= end; leaf++) {
      const hash = hashes && hashAt(hashes, leaf)
      if (hash?.length !== HASH_SIZE) throw new Error('the hashes of its leaves are not known')
      coming.push(blocks.get(peer, hash, options))
    }
    const settled = Promise.allSettled(coming)
    try {
      for (const leaf of coming) yield await leaf
    } finally {
      left.abort()
      await settled
    }
  }

  return {
    name: 'bitswap',
    supports: (peer) => blocks.peers().includes(peer),
    fetch: (peer, _offer, digest, range, { signal }) => fetch(peer, digest, range, signal),
  }
}
