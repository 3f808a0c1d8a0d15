import { expect, it } from 'vitest'
import { openCatalog } from '../../../../src/core/catalog/catalog.ts'
import { MAX_DELETIONS } from '../../../../src/core/catalog/deletions.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { parseManifest } from '../../../../src/core/oci/manifest.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { digestOf, indexOf } from '../../../support/push.ts'

async function open() {
  const database = await openSqliteInMemory()
  const catalog = await openCatalog(database)
  for (const name of ['a', 'b']) await catalog.repositories.add(name)
  return { ...catalog, [Symbol.asyncDispose]: () => database.close() }
}

it('a deletion applies to one repository', async () => {
  await using catalog = await open()
  const { deletions } = catalog
  await catalog.transaction(({ deletions }) => deletions.record('a', ['1', '2', '2']))
  expect(await deletions.has('a', '1')).toBe(true)
  expect(await deletions.has('b', '1')).toBe(false)
  expect(await deletions.without('a', ['3', '1', '4'])).toEqual(['3', '4'])
  expect(await deletions.has('none', '1')).toBe(false)
})

it('a deletion ends when what was deleted is there again', async () => {
  await using catalog = await open()
  const [blob, image] = [digestOf('blob'), digestOf('{}')] as Digest[]
  const all = [blob!, image!, '1', '2']
  const manifest = parseManifest(Buffer.from(JSON.stringify(indexOf([]))), undefined)
  await catalog.transaction(async ({ blobs, deletions }) => {
    for (const digest of [blob!, image!]) await blobs.add(digest, 4)
    for (const name of ['a', 'b']) await deletions.record(name, all)
  })
  await catalog.transaction(async ({ blobs, manifests, tags }) => {
    await blobs.link('a', blob!)
    await manifests.put('a', image!, manifest)
    await tags.put('a', '1', image!, 0)
  })
  expect(await catalog.deletions.without('a', all)).toEqual([blob, image, '1'])
  expect(await catalog.deletions.without('b', all)).toEqual([])
  await catalog.transaction(({ deletions }) => deletions.endFor('b', image!))
  expect(await catalog.deletions.without('b', all)).toEqual([image])
})

it('only a limited number of the newest deletions is remembered', async () => {
  await using catalog = await open()
  const record = (...references: string[]) =>
    catalog.transaction(({ deletions }) => deletions.record('a', references))
  await record('again')
  await record('once')
  await record(...Array.from({ length: MAX_DELETIONS - 2 }, (_, number) => `${number}`))
  await record('again')
  await record('last')
  expect(await catalog.deletions.without('a', ['again', 'once', '0', '1', 'last'])).toEqual(['once'])
})
