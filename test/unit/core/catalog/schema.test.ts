import { describe, expect, it, onTestFinished } from 'vitest'
import { type Catalog, openCatalog } from '../../../../src/core/catalog/catalog.ts'
import type { Database, Row, Run, Value } from '../../../../src/core/catalog/database.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { digestOf } from '../../../support/push.ts'

async function openDatabase(): Promise<Database> {
  const database = await openSqliteInMemory()
  onTestFinished(() => database.close())
  return database
}

describe('the tables', () => {
  it('are created once and found again', async () => {
    const database = await openDatabase()
    const first = await openCatalog(database)
    await first.transaction((queries) => queries.repositories.add('a'))
    const second = await openCatalog(database)
    expect(await second.repositories.exists('a')).toBe(true)
  })

  it('of a newer version are left alone', async () => {
    const database = await openDatabase()
    await openCatalog(database)
    await database.run('PRAGMA user_version = 1000')
    await expect(openCatalog(database)).rejects.toThrow('version 1000')
  })
})

const DIGEST = digestOf('') as Digest
const PAGE = { last: 'a', limit: 10 }

describe('a query that a request makes', () => {
  it.each<[string, (catalog: Catalog) => Promise<unknown>]>([
    ['the size of a blob', ({ blobs }) => blobs.sizeIn('a', DIGEST)],
    ['whether a blob is linked', ({ blobs }) => blobs.isLinked(DIGEST)],
    ['whether a blob is held', ({ blobs }) => blobs.isHeld(DIGEST)],
    ['a manifest by its digest', ({ manifests }) => manifests.find('a', { digest: DIGEST })],
    ['a manifest by its tag', ({ manifests }) => manifests.find('a', { tag: 'latest' })],
    ['the blobs that are missing', ({ manifests }) => manifests.missingBlobs('a', [DIGEST])],
    ['the manifests that are missing', ({ manifests }) => manifests.missingManifests('a', [DIGEST])],
    ['referrers', ({ manifests }) => manifests.referrers('a', DIGEST, { maxBytes: 1024 })],
    ['what peers vouch for', ({ peerReferrers: vouching }) => vouching.list('a', DIGEST)],
    ['what nobody vouches for', ({ peerReferrers: vouching }) => vouching.unlisted('a', DIGEST, [DIGEST], 1)],
    ['what peers are told', ({ shareFacts: sharing }) => sharing.referrersOf(DIGEST, 10)],
    ['when a tag was seen', ({ seenTags: sightings }) => sightings.of('a', 'latest')],
    ['whether a repository is there', ({ repositories }) => repositories.exists('a')],
    ['a page of repositories', ({ repositories }) => repositories.list(PAGE)],
    ['a page of tags', ({ tags }) => tags.list('a', PAGE)],
    ['the history of a tag', ({ tags }) => tags.history('a', 'latest')],
    ['an upload', ({ uploads }) => uploads.find('id', 'a')],
    ['where an upload belongs', ({ uploads }) => uploads.repositoryOf('id')],
    ['uploads that nobody touched', ({ uploads }) => uploads.untouchedSince(0)],
    ['leaf hashes to make', ({ leaves }) => leaves.missing(16)],
    ['leaf hashes', ({ leaves }) => leaves.get(DIGEST)],
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
    expect(plans.filter((step) => /^SCAN (?!.*(INDEX|VIRTUAL))/.test(step))).toEqual([])
    expect(plans.some((step) => /INDEX|PRIMARY KEY/.test(step))).toBe(true)
  })
})
