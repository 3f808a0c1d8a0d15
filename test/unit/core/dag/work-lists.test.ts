import { describe, expect, it, onTestFinished } from 'vitest'
import { type Catalog, openCatalog } from '../../../../src/core/catalog/catalog.ts'
import type { Row, Run, Value } from '../../../../src/core/catalog/database.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'

const digestOf = (number: number) => `sha256:${number.toString(16).padStart(64, '0')}` as Digest

const digests = Array.from({ length: 1100 }, (_, number) => digestOf(number))

async function open(plans: string[] = []): Promise<Catalog> {
  const database = await openSqliteInMemory()
  onTestFinished(() => database.close())
  const explain: (run: Run) => Run =
    (run) =>
    async <R extends Row>(sql: string, ...values: Value[]) => {
      const plan = await run<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values).catch(() => [])
      plans.push(...plan.map((step) => step.detail))
      return run<R>(sql, ...values)
    }
  return openCatalog({
    run: explain(database.run),
    transaction: (work, options) => database.transaction((run) => work(explain(run)), options),
    close: database.close,
  })
}

describe('the blobs to pin', () => {
  it('are listed whole, without those that are pinned or not hashed', async () => {
    const catalog = await open()
    await catalog.transaction(async ({ blobs, pins }) => {
      for (const [number, digest] of digests.entries()) {
        await blobs.add(digest, number % 3 === 2 ? 2 ** 30 : 1)
        if (number % 3 === 1) await pins.put(digest, `root ${number}`, 1)
      }
    })
    const expected = digests.filter((_, number) => number % 3 === 0)
    expect(await Array.fromAsync(catalog.pins.missing())).toEqual(expected)
  })
})

describe('the blobs to hash', () => {
  it('are listed page by page', async () => {
    const catalog = await open()
    await catalog.transaction(async ({ blobs }) => {
      for (const digest of digests.slice(0, 10)) await blobs.add(digest, 2 ** 30)
    })
    expect(await catalog.leaves.missing(4)).toEqual(digests.slice(0, 4))
    expect(await catalog.leaves.missing(4, digests[3])).toEqual(digests.slice(4, 8))
    expect(await catalog.leaves.missing(4, digests[7])).toEqual(digests.slice(8, 10))
    expect(await catalog.leaves.isMissing(digests[0]!)).toBe(true)
    expect(await catalog.leaves.isMissing(digests[10]!)).toBe(false)
  })
})

describe('a question of the DAG', () => {
  const hash = new Uint8Array(32)
  const digest = digestOf(1)

  it.each<[string, (catalog: Catalog) => Promise<unknown>]>([
    ['where a block lies', ({ blocks }) => blocks.find(hash, digest)],
    ['the bytes of a node', ({ blocks }) => blocks.node(hash)],
    ['the root of a digest', ({ pins }) => pins.root(digest)],
    ['the digests of a root', ({ pins }) => pins.digests('root')],
    ['what to pin', ({ pins }) => pins.unpinned(digest)],
    ['the list of what to pin', ({ pins }) => Array.fromAsync(pins.missing())],
    ['whether leaves are to be hashed', ({ leaves }) => leaves.isMissing(digest)],
    ['the list of what to hash', ({ leaves }) => leaves.missing(1, digest)],
    ['a value', ({ datastore }) => datastore.get('/key')],
    ['the values of a prefix', ({ datastore }) => Array.fromAsync(datastore.list('/key'))],
    ['pinning', ({ transaction }) => transaction(({ pins }) => pins.put(digest, 'root', 1))],
    ['new leaves', ({ transaction }) => transaction(({ blocks }) => blocks.addLeaves(digest, 0, hash))],
  ])('is answered from an index: %s', async (_, ask) => {
    const plans: string[] = []
    const catalog = await open(plans)
    plans.length = 0 // making the tables is not asked often
    await ask(catalog)
    expect(plans.filter((step) => /^SCAN (?!batch|\d|CONSTANT)/.test(step))).toEqual([])
    expect(plans.some((step) => /INDEX|PRIMARY KEY/.test(step))).toBe(true)
  })
})
