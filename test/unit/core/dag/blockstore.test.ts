import { MemoryBlockstore } from 'blockstore-core'
import { CID } from 'multiformats/cid'
import { create as createMultihash } from 'multiformats/hashes/digest'
import { sha256, sha512 } from 'multiformats/hashes/sha2'
import { describe, expect, it, vi } from 'vitest'
import { createBlockstore } from '../../../../src/core/dag/blockstore.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'
import { bytesOf, MIB, variedBytes } from './content.ts'
import { type Holding, openHolding } from './holding.ts'
import { fileSystemOn, importInto } from './unixfs.ts'

const RAW = 0x55
const DAG_PB = 0x70
const CBOR = 0x71

async function read({ blockstore }: Pick<Holding, 'blockstore'>, cid: CID): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(blockstore.get(cid)))
}

/** All blocks of the DAG as another implementation makes them. */
async function blocksOf(bytes: Uint8Array): Promise<{ cid: CID; bytes: Buffer }[]> {
  const blockstore = new MemoryBlockstore()
  const chunks = Array.from({ length: Math.ceil(bytes.length / MIB) }, (_, number) =>
    bytes.subarray(number * MIB, (number + 1) * MIB),
  )
  await importInto(blockstore, chunks)
  const pairs = await Array.fromAsync(blockstore.getAll())
  return Promise.all(pairs.map(async ({ cid }) => ({ cid, bytes: await read({ blockstore }, cid) })))
}

async function openWith(bytes: Uint8Array<ArrayBuffer>, folder?: string): Promise<[Holding, Digest]> {
  const holding = await openHolding(folder ? { folder } : {})
  const digest = await holding.push('a', bytes)
  await holding.rootOf(digest)
  return [holding, digest]
}

describe('the blocks of a blob', () => {
  it.each([1, MIB, MIB + 1, 5 * MIB - 1])('of %i bytes are all there', async (size) => {
    await using folder = await openTemporaryFolder()
    const [holding] = await openWith(variedBytes(size), folder.path)
    for (const block of await blocksOf(variedBytes(size))) {
      expect(await holding.blockstore.has(block.cid)).toBe(true)
      expect((await read(holding, block.cid)).equals(block.bytes)).toBe(true)
    }
  })

  it('are found whatever codec and version their CIDs have', async () => {
    const [holding] = await openWith(bytesOf(2 * MIB))
    const hash = createMultihash(sha256.code, (await sha256.digest(bytesOf(MIB))).digest)
    for (const cid of [CID.createV0(hash), ...[RAW, DAG_PB, CBOR].map((code) => CID.createV1(code, hash))]) {
      expect((await read(holding, cid)).equals(bytesOf(MIB))).toBe(true)
    }
  })

  it('can be read many at a time', async () => {
    const [holding] = await openWith(variedBytes(3 * MIB))
    const blocks = await blocksOf(variedBytes(3 * MIB))
    const pairs = await Array.fromAsync(holding.blockstore.getMany(blocks.map(({ cid }) => cid)))
    expect(pairs.map(({ cid }) => cid)).toEqual(blocks.map(({ cid }) => cid))
    const bytes = await Promise.all(
      pairs.map(async (pair) => Buffer.concat(await Array.fromAsync(pair.bytes))),
    )
    expect(bytes.every((found, number) => found.equals(blocks[number]!.bytes))).toBe(true)
  })

  it('are not the blob itself where it is larger than a leaf', async () => {
    const [holding] = await openWith(bytesOf(2 * MIB))
    const whole = CID.createV1(RAW, await sha256.digest(bytesOf(2 * MIB)))
    expect(await holding.blockstore.has(whole)).toBe(false)
    await expect(read(holding, whole)).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  it('of a small blob are found by the hash that names it', async () => {
    await using holding = await openHolding()
    await holding.push('a', bytesOf(10), 'sha512')
    const cid = CID.createV1(RAW, await sha512.digest(bytesOf(10)))
    expect(await read(holding, cid)).toEqual(Buffer.from(bytesOf(10)))
  })

  it('that two blobs share outlive one of them', async () => {
    const [holding, one] = await openWith(variedBytes(2 * MIB))
    const other = await holding.push('a', variedBytes(3 * MIB))
    await holding.rootOf(other)
    await holding.delete('a', one)
    const shared = CID.createV1(RAW, await sha256.digest(variedBytes(MIB)))
    expect((await read(holding, shared)).equals(variedBytes(MIB))).toBe(true)
  })
})

describe('a blob that is not shared', () => {
  it('is invisible, even if others with the same leaf are visible', async () => {
    const hidden = new Set<Digest>()
    const [holding, one] = await openWith(variedBytes(2 * MIB))
    const other = await holding.push('a', variedBytes(2 * MIB + 1))
    await holding.rootOf(other)
    const isShared = async (digest: Digest) => !hidden.has(digest)
    const open = () => createBlockstore({ blobs: holding.disk, catalog: holding.catalog, isShared })
    const shared = CID.createV1(RAW, await sha256.digest(variedBytes(MIB)))
    hidden.add(one)
    expect(await open().has(CID.parse(await holding.rootOf(one)))).toBe(false)
    expect(await open().has(shared)).toBe(true)
    hidden.add(other)
    expect(await open().has(shared)).toBe(false)
    await expect(read({ blockstore: open() }, shared)).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  it('is checked once, not with each leaf', async () => {
    const [holding] = await openWith(variedBytes(5 * MIB))
    const isShared = vi.fn(async () => true)
    const blockstore = createBlockstore({ blobs: holding.disk, catalog: holding.catalog, isShared })
    for (const { cid } of await blocksOf(variedBytes(5 * MIB))) {
      expect(await blockstore.has(cid)).toBe(true)
      await read({ blockstore }, cid)
    }
    expect(isShared).toHaveBeenCalledTimes(1)
  })
})

describe('Helia over the blockstore', () => {
  it('stores nothing that is put', async () => {
    await using holding = await openHolding()
    const [block] = await blocksOf(bytesOf(10))
    const { blockstore } = holding.helia
    expect(await blockstore.put(block!.cid, block!.bytes)).toEqual(block!.cid)
    const put = await Array.fromAsync(blockstore.putMany([{ cid: block!.cid, bytes: block!.bytes }]))
    expect(put).toEqual([block!.cid])
    expect(await blockstore.has(block!.cid)).toBe(false)
  })

  it('cannot delete blocks of a blob', async () => {
    const [holding, digest] = await openWith(bytesOf(2 * MIB))
    const leaf = CID.createV1(RAW, await sha256.digest(bytesOf(MIB)))
    await expect(holding.helia.blockstore.delete(leaf)).rejects.toThrow(
      'delete the blob through the registry',
    )
    await expect(Array.fromAsync(holding.blockstore.deleteMany([leaf]))).rejects.toThrow()
    await holding.helia.gc()
    const root = CID.parse(await holding.rootOf(digest))
    const bytes = await Array.fromAsync(fileSystemOn(holding.helia.blockstore).cat(root))
    expect(Buffer.concat(bytes).equals(bytesOf(2 * MIB))).toBe(true)
  })

  it('reads a part of a blob', async () => {
    const [holding, digest] = await openWith(variedBytes(3 * MIB))
    const root = CID.parse(await holding.rootOf(digest))
    const part = { offset: MIB - 5, length: MIB + 10 }
    const bytes = await Array.fromAsync(fileSystemOn(holding.helia.blockstore).cat(root, part))
    expect(Buffer.concat(bytes).equals(variedBytes(3 * MIB).subarray(MIB - 5, 2 * MIB + 5))).toBe(true)
  })
})
