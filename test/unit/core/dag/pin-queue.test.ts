import { CID } from 'multiformats/cid'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createHeliaPinner } from '../../../../src/core/dag/helia-pinner.ts'
import type { Pinner } from '../../../../src/core/dag/pin-queue.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { PATIENCE } from '../../../support/patience.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'
import { bytesOf, leafHashesOf, MIB, variedBytes } from './content.ts'
import { type Holding, openHolding } from './holding.ts'
import { fileSystemOn } from './unixfs.ts'

/** A digest that nothing has. */
const NO_BLOB = `sha256:${'0'.repeat(64)}` as Digest

const SIZES = [0, 1, MIB, MIB + 1, 3.5 * MIB]

const ROOTS: Record<number, string> = {
  0: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku',
  1: 'bafkreidogqfzz75tpkmjzjke425xqcrmpcib2p5tg44hnbirumdbpl5adu',
  [MIB]: 'bafkreihwunguy6od2ewcs5mjebv7efvqqq2hi4nfh2s6p7u2i26remhqta',
  [MIB + 1]: 'bafybeiejkouhdadwq6odmdgica7fdicfqhfogaijsax5tnxp3yg56layvy',
  [3.5 * MIB]: 'bafybeigrxzjydlkwrfmrkwvukm3fnl2qnmqqrwbmbyeogntkkgpdjcycr4',
}

/** Ways for a pinner to fail, and to be mended. */
function fragile(fails: (pinner: Pinner) => Pinner) {
  const state = { broken: true }
  const wrap = (real: Pinner): Pinner => {
    const bad = fails(real)
    return {
      pin: (...all) => (state.broken ? bad : real).pin(...all),
      unpin: (...all) => (state.broken ? bad : real).unpin(...all),
    }
  }
  return { state, wrap }
}

const fail = async (): Promise<never> => {
  throw new Error('the pinner is away')
}

const away = () => fragile(() => ({ pin: fail, unpin: fail }))

/** Nothing is left to pin or unpin. */
const settled = ({ catalog }: Holding) =>
  vi.waitFor(async () => {
    expect(await Array.fromAsync(catalog.pins.missing())).toEqual([])
    expect(await catalog.pins.unpins()).toEqual([])
  }, PATIENCE)

/** What is put off happens soon: `vi.waitFor` moves this clock on. */
function useFakeTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
}

describe('a blob that was pushed', () => {
  it.each(SIZES)('of %i bytes is pinned in Helia, then recorded', async (size) => {
    await using holding = await openHolding()
    const digest = await holding.push('a', bytesOf(size))
    expect(await holding.rootOf(digest)).toBe(ROOTS[size])
    expect(await holding.heliaPins()).toEqual([ROOTS[size]])
    expect(holding.pinned).toEqual([{ digest, root: CID.parse(ROOTS[size]!) }])
    expect(await holding.catalog.pins.digests(ROOTS[size]!)).toEqual([digest])
    await settled(holding)
  })

  it.each(SIZES)('of %i bytes is read through Helia', async (size) => {
    await using holding = await openHolding()
    const digest = await holding.push('a', bytesOf(size))
    const root = CID.parse(await holding.rootOf(digest))
    const read = await Array.fromAsync(fileSystemOn(holding.helia.blockstore).cat(root))
    expect(Buffer.concat(read).equals(bytesOf(size))).toBe(true)
  })

  it.each(SIZES)('of %i bytes that is named by sha512 has the same root', async (size) => {
    await using holding = await openHolding()
    const digest = await holding.push('a', bytesOf(size), 'sha512')
    expect(await holding.rootOf(digest)).toBe(ROOTS[size])
    const read = await Array.fromAsync(fileSystemOn(holding.blockstore).cat(CID.parse(ROOTS[size]!)))
    expect(Buffer.concat(read).equals(bytesOf(size))).toBe(true)
  })

  it('is not pinned while it is not shared, and is once it is', async () => {
    const shared = new Set<Digest>()
    await using holding = await openHolding({ isShared: async (digest) => shared.has(digest) })
    const hidden = await holding.push('private', bytesOf(10))
    const seen = await holding.push('public', bytesOf(20))
    shared.add(seen)
    holding.pins.wake(seen)
    const root = await holding.rootOf(seen)
    expect(await holding.heliaPins()).toEqual([root])
    shared.add(hidden)
    holding.pins.wake(hidden)
    await holding.rootOf(hidden)
    await settled(holding)
  })

  it('that came from peers needs only its leaf hashes', async () => {
    await using holding = await openHolding()
    const { catalog } = holding
    const digest = `sha256:${'a'.repeat(64)}` as Digest
    await catalog.transaction(async (queries) => {
      await queries.blobs.add(digest, 1025 * MIB + 1)
      await queries.leaves.put(digest, leafHashesOf(1025 * MIB + 1))
    })
    holding.pins.wake(digest)
    const root = await holding.rootOf(digest)
    expect(root).toBe('bafybeigzp3jpmpotkzz75xgbrsmlzh6uxffvbtr2okfe5kitwszmyc5iza')
    const last = leafHashesOf(1)
    const places = await catalog.blocks.find(last, NO_BLOB)
    expect(places).toEqual([{ digest, part: { offset: 1025 * MIB, length: 1 } }])
  })
})

describe('a pin that fails', () => {
  it('leaves no row, and is retried', async () => {
    useFakeTimers()
    const { state, wrap } = away()
    await using holding = await openHolding({ pinner: wrap })
    const digest = await holding.push('a', bytesOf(10))
    await vi.waitFor(async () => expect(await holding.catalog.pins.unpins()).toHaveLength(1), PATIENCE)
    expect(await holding.store.blobs.get('a', digest)).toBeDefined()
    expect(await holding.catalog.pins.root(digest)).toBeUndefined()
    state.broken = false
    expect(await holding.heliaPins()).toEqual([])
    const root = await holding.rootOf(digest)
    expect(await holding.heliaPins()).toEqual([root])
    await settled(holding)
  })

  it('does not hold up the others', async () => {
    const { wrap } = fragile((real) => ({
      pin: async (root, ...rest) => (root.toString() === ROOTS[1] ? fail() : real.pin(root, ...rest)),
      unpin: fail,
    }))
    await using holding = await openHolding({ pinner: wrap })
    const bad = await holding.push('a', bytesOf(1))
    const good = await holding.push('a', bytesOf(2))
    await holding.rootOf(good)
    expect(await Array.fromAsync(holding.catalog.pins.missing())).toEqual([bad])
  })

  it('is retried after a restart', async () => {
    await using folder = await openTemporaryFolder()
    const before = await openHolding({ folder: folder.path, pinner: away().wrap })
    const digest = await before.push('a', bytesOf(MIB + 1))
    await vi.waitFor(
      async () => expect(await before.catalog.pins.unpins()).toEqual([ROOTS[MIB + 1]]),
      PATIENCE,
    )
    await before[Symbol.asyncDispose]()
    await using after = await openHolding({ folder: folder.path })
    expect(await after.rootOf(digest)).toBe(ROOTS[MIB + 1])
    await settled(after)
  })

  it('is repeated if Helia already has it', async () => {
    useFakeTimers()
    const { state, wrap } = fragile((real) => ({
      pin: (...all) => real.pin(...all).then(fail),
      unpin: fail,
    }))
    await using holding = await openHolding({ pinner: wrap })
    const digest = await holding.push('a', bytesOf(MIB + 1))
    await vi.waitFor(async () => expect(await holding.heliaPins()).toHaveLength(1), PATIENCE)
    expect(await holding.catalog.pins.root(digest)).toBeUndefined()
    state.broken = false
    expect(await holding.rootOf(digest)).toBe(ROOTS[MIB + 1])
    expect(await holding.heliaPins()).toEqual([ROOTS[MIB + 1]])
  })

  it('leaves no pin behind if the blob was deleted meanwhile', async () => {
    const during: { step?: () => Promise<void> } = {}
    const wrap = (real: Pinner): Pinner => ({
      unpin: real.unpin,
      async pin(...all) {
        await real.pin(...all)
        await during.step?.()
      },
    })
    await using holding = await openHolding({ pinner: wrap })
    during.step = () => holding.delete('a', digest)
    const digest = await holding.push('a', bytesOf(10))
    await vi.waitFor(async () => expect(await holding.store.blobs.get('a', digest)).toBeUndefined(), PATIENCE)
    await settled(holding)
    expect(await holding.heliaPins()).toEqual([])
    expect(await holding.catalog.pins.root(digest)).toBeUndefined()
  })
})

describe('a blob that is deleted', () => {
  it.each(SIZES)('of %i bytes is unpinned, and nothing of it stays', async (size) => {
    await using holding = await openHolding()
    const digest = await holding.push('a', bytesOf(size))
    const root = await holding.rootOf(digest)
    await holding.delete('a', digest)
    await vi.waitFor(async () => expect(await holding.heliaPins()).toEqual([]), PATIENCE)
    await settled(holding)
    expect(await holding.catalog.pins.digests(root)).toEqual([])
    expect(await holding.blockstore.has(CID.parse(root))).toBe(false)
    const keys = await Array.fromAsync(holding.helia.datastore.queryKeys({ prefix: '/pin' }))
    expect(keys.map(String)).toEqual([])
  })

  it('stays pinned while another digest has its root', async () => {
    await using holding = await openHolding()
    const one = await holding.push('a', bytesOf(MIB + 1))
    const other = await holding.push('a', bytesOf(MIB + 1), 'sha512')
    const root = await holding.rootOf(one)
    expect(await holding.rootOf(other)).toBe(root)
    await holding.delete('a', one)
    await settled(holding)
    expect(await holding.heliaPins()).toEqual([root])
    const read = await Array.fromAsync(fileSystemOn(holding.blockstore).cat(CID.parse(root)))
    expect(Buffer.concat(read).equals(bytesOf(MIB + 1))).toBe(true)
    await holding.delete('a', other)
    await vi.waitFor(async () => expect(await holding.heliaPins()).toEqual([]), PATIENCE)
  })

  it('while Helia is away is unpinned after a restart', async () => {
    await using folder = await openTemporaryFolder()
    const { state, wrap } = away()
    state.broken = false
    const before = await openHolding({ folder: folder.path, pinner: wrap })
    const digest = await before.push('a', bytesOf(10))
    await before.rootOf(digest)
    state.broken = true
    await before.delete('a', digest)
    await before[Symbol.asyncDispose]()
    await using after = await openHolding({ folder: folder.path })
    await vi.waitFor(async () => expect(await after.heliaPins()).toEqual([]), PATIENCE)
    await settled(after)
  })

  it('is pinned again when it is pushed again', async () => {
    await using holding = await openHolding()
    for (let time = 0; time < 3; time++) {
      const digest = await holding.push('a', bytesOf(MIB + 1))
      await holding.rootOf(digest)
      await holding.delete('a', digest)
    }
    const digest = await holding.push('a', bytesOf(MIB + 1))
    expect(await holding.rootOf(digest)).toBe(ROOTS[MIB + 1])
    await settled(holding)
    expect(await holding.heliaPins()).toEqual([ROOTS[MIB + 1]])
  })
})

describe('the rows', () => {
  it('are there after a restart, and each has its pin', async () => {
    await using folder = await openTemporaryFolder()
    const roots = new Map<Digest, string>()
    {
      await using before = await openHolding({ folder: folder.path })
      for (const size of SIZES) {
        const digest = await before.push('a', variedBytes(size, 7))
        roots.set(digest, await before.rootOf(digest))
      }
    }
    await using after = await openHolding({ folder: folder.path })
    for (const [digest, root] of roots) expect(await after.catalog.pins.root(digest)).toBe(root)
    expect((await after.heliaPins()).sort()).toEqual([...roots.values()].sort())
    expect(after.pinned).toEqual([])
  })

  it('outlive the file of their blob, whose blocks then cannot be read', async () => {
    await using holding = await openHolding()
    const digest = await holding.push('a', bytesOf(MIB + 1))
    const root = await holding.rootOf(digest)
    await holding.disk.delete(digest)
    expect(await holding.catalog.blobs.sizeIn('a', digest)).toBe(MIB + 1)
    expect(await holding.catalog.pins.digests(root)).toEqual([digest])
    const cat = Array.fromAsync(fileSystemOn(holding.blockstore).cat(CID.parse(root)))
    await expect(cat).rejects.toThrow('was deleted from the disk')
  })

  it('of a root of another profile are replaced, together with its pin', async () => {
    await using holding = await openHolding()
    const digest = await holding.push('a', bytesOf(10))
    const root = await holding.rootOf(digest)
    const old = CID.parse(ROOTS[1]!)
    await createHeliaPinner(holding.helia.pins).pin(old, [old], { signal: new AbortController().signal })
    await holding.catalog.transaction(async ({ pins }) => {
      await pins.put(digest, old.toString(), 1)
      await pins.put(digest, root, 2)
    })
    expect(await holding.catalog.pins.root(digest)).toBe(root)
    expect(await holding.catalog.pins.unpins()).toEqual([old.toString()])
    holding.pins.wake()
    await settled(holding)
    expect(await holding.heliaPins()).toEqual([root])
  })

  it('of many leaves are written in batches', async () => {
    await using holding = await openHolding()
    const { catalog } = holding
    const digest = `sha256:${'b'.repeat(64)}` as Digest
    const hashes = crypto.getRandomValues(new Uint8Array(32 * 2000))
    await catalog.transaction(async (queries) => {
      await queries.blobs.add(digest, 2000 * MIB)
      await queries.leaves.put(digest, hashes)
    })
    holding.pins.wake(digest)
    await holding.rootOf(digest)
    for (const number of [0, 1023, 1024, 1999]) {
      const places = await catalog.blocks.find(hashes.subarray(number * 32, (number + 1) * 32), NO_BLOB)
      expect(places).toEqual([{ digest, part: { offset: number * MIB, length: MIB } }])
    }
  })
})
