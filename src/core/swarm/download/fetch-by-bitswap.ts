/** Fetches from peers of IPFS at large: each leaf is a block, requested by its hash. */
import type { Catalog } from '../../catalog/catalog.ts'
import { HASH_SIZE, hashAt, hashBytesOf, LEAF_SIZE } from '../../leaf.ts'
import { algorithmOf, type Digest } from '../../oci/digest.ts'
import type { ByteRange } from '../../oci/range.ts'
import type { IpfsBlocks, PeerId, RangeFetcher } from '../ports.ts'

/** What the catalog knows of the leaves, 32 bytes each. Otherwise the digest, which may be the hash of the only leaf. */
export async function leafHashesOf(
  { leaves }: Pick<Catalog, 'leaves'>,
  digest: Digest,
): Promise<Uint8Array | undefined> {
  return (await leaves.get(digest)) ?? (algorithmOf(digest) === 'sha256' ? hashBytesOf(digest) : undefined)
}

export function createBitswapFetcher(blocks: IpfsBlocks, catalog: Pick<Catalog, 'leaves'>): RangeFetcher {
  /** All blocks of a range at once, which is short: one block a round trip would be slow. */
  async function* fetchLeaves(
    peer: PeerId,
    digest: Digest,
    range: ByteRange,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const hashes = hashesIn(await leafHashesOf(catalog, digest), range)
    const left = new AbortController()
    const options = { signal: AbortSignal.any([signal, left.signal]) }
    const leaves = hashes.map((hash) => blocks.get(peer, hash, options))
    const settled = Promise.allSettled(leaves)
    try {
      for (const leaf of leaves) yield await leaf
    } finally {
      left.abort()
      await settled
    }
  }

  return {
    name: 'bitswap',
    supports: (peer) => blocks.peers().includes(peer),
    fetch: (peer, _offer, digest, range, { signal }) => fetchLeaves(peer, digest, range, signal),
  }
}

function hashesIn(list: Uint8Array | undefined, { start, end }: ByteRange): Uint8Array[] {
  const hashes: Uint8Array[] = []
  for (let leaf = start / LEAF_SIZE; leaf * LEAF_SIZE <= end; leaf++) {
    const hash = list && hashAt(list, leaf)
    if (hash?.length !== HASH_SIZE) throw new Error('the hashes of the leaves are not known')
    hashes.push(hash)
  }
  return hashes
}
