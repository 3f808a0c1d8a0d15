import { expect, it } from 'vitest'
import { openCatalog } from '../../src/core/catalog/catalog.ts'
import { MOST_DELETIONS } from '../../src/core/catalog/deletions.ts'
import { openSqliteInMemory } from '../../src/node/sqlite.ts'

async function open() {
  const database = await openSqliteInMemory()
  const catalog = await openCatalog(database)
  for (const name of ['a', 'b']) await catalog.repositories.add(name)
  return { ...catalog, [Symbol.asyncDispose]: () => database.close() }
}

it('a deletion is of one repository, until it ends', async () => {
  await using catalog = await open()
  const { deletions } = catalog
  await catalog.transaction(({ deletions }) => deletions.record('a', ['1', '2', '2']))
  expect(await deletions.has('a', '1')).toBe(true)
  expect(await deletions.has('b', '1')).toBe(false)
  expect(await deletions.without('a', ['3', '1', '4'])).toEqual(['3', '4'])
  await catalog.transaction(({ deletions }) => deletions.end('b', ['1']))
  await catalog.transaction(({ deletions }) => deletions.end('a', ['2', '3']))
  expect(await deletions.without('a', ['1', '2'])).toEqual(['2'])
  expect(await deletions.has('none', '1')).toBe(false)
})

it('those recorded last are remembered, and no more than so many', async () => {
  await using catalog = await open()
  const record = (...references: string[]) =>
    catalog.transaction(({ deletions }) => deletions.record('a', references))
  await record('again')
  await record('once')
  await record(...Array.from({ length: MOST_DELETIONS - 2 }, (_, number) => `${number}`))
  await record('again')
  await record('last')
  expect(await catalog.deletions.without('a', ['again', 'once', '0', '1', 'last'])).toEqual(['once'])
})
