import { decode } from '@ipld/dag-pb'
import { MemoryBlockstore } from 'blockstore-core'
import { UnixFS } from 'ipfs-unixfs'
import { describe, expect, it } from 'vitest'
import { innerNodesOf, rootOf } from '../../../../src/core/dag/dag.ts'
import { leafHashesOf, leavesOf, MIB } from './content.ts'
import { importInto } from './unixfs.ts'

/** Made by @helia/unixfs 8.0.5 of the bytes of `content.ts`. */
const VECTORS: [number, string][] = [
  [0, 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'],
  [1, 'bafkreidogqfzz75tpkmjzjke425xqcrmpcib2p5tg44hnbirumdbpl5adu'],
  [MIB - 1, 'bafkreihtofrj64xzjkkwuw57c27xggzwnccyc735hqddnx2z36bhuasngy'],
  [MIB, 'bafkreihwunguy6od2ewcs5mjebv7efvqqq2hi4nfh2s6p7u2i26remhqta'],
  [MIB + 1, 'bafybeiejkouhdadwq6odmdgica7fdicfqhfogaijsax5tnxp3yg56layvy'],
  [3.5 * MIB, 'bafybeigrxzjydlkwrfmrkwvukm3fnl2qnmqqrwbmbyeogntkkgpdjcycr4'],
  [1024 * MIB, 'bafybeiaz2cofzscz6bpz4k5xsqbnly54dpzgsloab476vo6fmr5pgnjnne'],
  [1025 * MIB + 1, 'bafybeigzp3jpmpotkzz75xgbrsmlzh6uxffvbtr2okfe5kitwszmyc5iza'],
]

const nodesOf = (size: number) => Array.fromAsync(innerNodesOf(leafHashesOf(size), size))

describe('the root', () => {
  it.each(VECTORS)('of %i bytes is the known one', async (size, root) => {
    expect((await rootOf(leafHashesOf(size), size)).toString()).toBe(root)
  })

  it.each([2, 3, 4, 6])('of %i GiB says so, each time alike', async (gibibytes) => {
    const size = gibibytes * 1024 * MIB
    const [nodes, again] = await Promise.all([nodesOf(size), nodesOf(size)])
    expect(again.at(-1)!.cid).toEqual(nodes.at(-1)!.cid)
    const file = UnixFS.unmarshal(decode(nodes.at(-1)!.bytes).Data!)
    expect(file.fileSize()).toBe(BigInt(size))
    expect(file.blockSizes).toEqual(Array(gibibytes).fill(BigInt(1024 * MIB)))
  })

  it('needs one hash a leaf', async () => {
    await expect(rootOf(leafHashesOf(MIB), MIB + 1)).rejects.toThrow(RangeError)
    await expect(rootOf(leafHashesOf(2 * MIB), MIB)).rejects.toThrow(RangeError)
    await expect(rootOf(new Uint8Array(31), 1)).rejects.toThrow(RangeError)
  })
})

describe('the inner nodes', () => {
  it.each([0, 1, MIB])('of %i bytes are none', async (size) => {
    expect(await nodesOf(size)).toEqual([])
  })

  it.each([MIB + 1, 2 * MIB, 7 * MIB - 3, 33 * MIB])(
    'of %i bytes are those of @helia/unixfs, byte by byte',
    async (size) => {
      const blockstore = new MemoryBlockstore()
      const root = await importInto(blockstore, leavesOf(size))
      const nodes = await nodesOf(size)
      expect(nodes.at(-1)!.cid).toEqual(root)
      for (const { cid, bytes } of nodes) {
        expect(Buffer.concat(await Array.fromAsync(blockstore.get(cid)))).toEqual(Buffer.from(bytes))
      }
    },
  )

  it('stand on three levels beyond 1024 leaves', async () => {
    expect(await nodesOf(1024 * MIB)).toHaveLength(1)
    expect(await nodesOf(1024 * MIB + 1)).toHaveLength(3)
  })
})
