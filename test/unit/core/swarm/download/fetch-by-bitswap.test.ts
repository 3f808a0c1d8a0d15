import { expect, it } from 'vitest'
import { abortable } from '../../../../../src/core/async/abortable.ts'
import type { Content } from '../../../../../src/core/blobs/ports.ts'
import { HASH_SIZE, LEAF_SIZE, leafCount, leafLength } from '../../../../../src/core/leaf.ts'
import type { Digest } from '../../../../../src/core/oci/digest.ts'
import { createBitswapFetcher } from '../../../../../src/core/swarm/download/fetch-by-bitswap.ts'
import type { IpfsBlocks } from '../../../../../src/core/swarm/ports.ts'
import { describeFetcher } from '../../../../contract/fetcher.ts'

const DIGEST = `sha256:${'5e'.repeat(32)}` as Digest
const PEER = 'a peer of IPFS'

/** Blocks of a blob. The hash of a leaf is its number here, as nothing checks it. */
const blocksOf = ({ size, stream }: Content): IpfsBlocks => ({
  peers: () => [PEER],
  async get(_peer, hash, { signal }) {
    const leaf = new DataView(hash.buffer, hash.byteOffset).getUint32(0)
    const block = new Uint8Array(leafLength(size, leaf))
    const start = leaf * LEAF_SIZE
    let filled = 0
    for await (const chunk of abortable(stream({ start, end: start + block.length - 1 }), signal)) {
      block.set(chunk, filled)
      filled += chunk.length
    }
    return block
  },
})

function numbersOf({ size }: Content): Uint8Array {
  const hashes = new Uint8Array(leafCount(size) * HASH_SIZE)
  for (let leaf = 0; leaf < leafCount(size); leaf++)
    new DataView(hashes.buffer).setUint32(leaf * HASH_SIZE, leaf)
  return hashes
}

describeFetcher(
  'Bitswap',
  async (content) => {
    const leaves = { get: async () => numbersOf(content) } as never
    const fetcher = createBitswapFetcher(blocksOf(content), { leaves })
    return { fetcher, peer: PEER, offer: { size: content.size }, digest: DIGEST, close: async () => {} }
  },
  { prefetches: true },
)

it('supports the peers that are connected, and no others', () => {
  const blocks = blocksOf({ size: 1, stream: () => new ReadableStream() })
  const fetcher = createBitswapFetcher(blocks, { leaves: {} as never })
  expect(fetcher.supports(PEER, { size: 1 })).toBe(true)
  expect(fetcher.supports('another peer', { size: 1 })).toBe(false)
})
