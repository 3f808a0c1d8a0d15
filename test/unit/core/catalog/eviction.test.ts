import { describe, expect, it, onTestFinished } from 'vitest'
import { type Catalog, openCatalog } from '../../../../src/core/catalog/catalog.ts'
import type { Database, Row, Run, Value } from '../../../../src/core/catalog/database.ts'
import { MIGRATIONS } from '../../../../src/core/catalog/schema.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'

const DIGEST = `sha256:${'0'.repeat(64)}` as Digest
const LIMITS = { recent: 1, pushing: 1, downloading: [DIGEST] }
const START = { usedAt: -1, id: 0 }

async function openDatabase(): Promise<Database> {
  const database = await openSqliteInMemory()
  onTestFinished(() => database.close())
  return database
}

/** A catalog as the version before this one left it. */
async function openOld(rows: readonly string[]): Promise<Database> {
  const database = await openDatabase()
  await database.transaction(async (run) => {
    for (const statement of [...MIGRATIONS.slice(0, 2).flat(), ...rows]) await run(statement)
    await run('PRAGMA user_version = 2')
  })
  return database
}

describe('a catalog of an older version', () => {
  it('counts as pushed what was tagged or came from nobody', async () => {
    const database = await openOld([
      `INSERT INTO repositories (id, name) VALUES (1, 'a'), (2, 'b')`,
      `INSERT INTO blobs (id, digest, size) VALUES
         (1, 'pushed', 1), (2, 'brought', 20), (3, 'manifest', 300), (4, 'tagged', 4000), (5, 'untagged', 50000)`,
      `INSERT INTO origins (blob, peer, bytes) VALUES (2, 'peer', 20), (3, 'peer', 300), (4, 'peer', 4000)`,
      `INSERT INTO manifests (id, repository, blob, media_type) VALUES
         (1, 1, 3, 'x'), (2, 1, 4, 'x'), (3, 2, 4, 'x'), (4, 1, 5, 'x')`,
      `INSERT INTO tag_history (repository, name, digest, tagged_at) VALUES (1, 'x', 'tagged', 7), (1, 'y', 'tagged', 9)`,
    ])
    const catalog = await openCatalog(database)
    const blobs = await database.run('SELECT digest, cached FROM blobs WHERE cached = 1 ORDER BY id')
    expect(blobs.map((row) => row['digest'])).toEqual(['brought', 'manifest'])
    const manifests = await database.run('SELECT id, cached, pushed_at FROM manifests ORDER BY id')
    expect(manifests).toEqual([
      { id: 1, cached: 1, pushed_at: null },
      { id: 2, cached: 0, pushed_at: 9 },
      { id: 3, cached: 1, pushed_at: null },
      { id: 4, cached: 0, pushed_at: null },
    ])
    expect(await catalog.inventory.totals()).toEqual({ blobs: 5, pushed: 54001, cached: 320 })
  })

  it('may be empty', async () => {
    const catalog = await openCatalog(await openOld([]))
    expect(await catalog.inventory.totals()).toEqual({ blobs: 0, pushed: 0, cached: 0 })
  })
})

describe('a query of the inventory or the eviction', () => {
  it.each<[string, (catalog: Catalog) => Promise<unknown>]>([
    ['the totals', ({ inventory: holdings }) => holdings.totals()],
    ['what repositories hold', ({ inventory: holdings }) => holdings.repositories({ last: 'a', limit: 10 })],
    ['the images of a repository', ({ inventory: holdings }) => holdings.images('a', { limit: 10 })],
    ['a blob', ({ inventory: holdings }) => holdings.blob(DIGEST)],
    ['the bytes that are cached', ({ eviction: keeping }) => keeping.cachedBytes()],
    ['the images used least recently', ({ eviction: keeping }) => keeping.images(START, LIMITS)],
    ['the blobs used least recently', ({ eviction: keeping }) => keeping.blobs(START, LIMITS)],
    ['a use', ({ eviction: keeping }) => keeping.touch([{ repository: 'a', digest: DIGEST }], 1)],
    ['a keeping', ({ eviction: keeping }) => keeping.keep('a', DIGEST)],
    [
      'an image that goes',
      ({ eviction: keeping }) => keeping.removeImage({ repository: 'a', digest: DIGEST }, LIMITS),
    ],
    ['a blob that goes', ({ eviction: keeping }) => keeping.unlinkLoose(DIGEST, LIMITS)],
  ])('is answered from an index: %s', async (_, ask) => {
    const database = await openDatabase()
    const plans: string[] = []
    const run: Run = async <R extends Row>(sql: string, ...values: Value[]) => {
      const plan = await database.run<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
      plans.push(...plan.map((step) => step.detail))
      return database.run<R>(sql, ...values)
    }
    const transaction: Database['transaction'] = (work, options) => database.transaction(work, options)
    await ask(await openCatalog({ run, transaction, close: () => database.close() }))
    // Two rows, and what the question itself has found before.
    const isShort = /^SCAN (totals|image|needed|\(subquery-\d+\)|.*VIRTUAL)/
    expect(plans.filter((step) => step.startsWith('SCAN') && !isShort.test(step))).toEqual([])
    expect(plans.some((step) => /INDEX|PRIMARY KEY|totals/.test(step))).toBe(true)
  })
})
