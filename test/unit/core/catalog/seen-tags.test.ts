import { expect, it } from 'vitest'
import { openCatalog } from '../../../../src/core/catalog/catalog.ts'
import { MAX_SEEN_TAGS } from '../../../../src/core/catalog/tags.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'

async function open() {
  const database = await openSqliteInMemory()
  const catalog = await openCatalog(database)
  return { ...catalog, [Symbol.asyncDispose]: () => database.close() }
}

it('the newest record of each peer is remembered', async () => {
  await using catalog = await open()
  await catalog.transaction(async ({ seenTags: sightings }) => {
    for (const taggedAt of [2, 3, 1]) await sightings.note('a', '1', { peer: 'one', taggedAt })
    await sightings.note('a', '1', { peer: 'two', taggedAt: 1 })
    await sightings.note('a', '2', { peer: 'one', taggedAt: 9 })
  })
  expect((await catalog.seenTags.of('a', '1')).toSorted((one, two) => two.taggedAt - one.taggedAt)).toEqual([
    { peer: 'one', taggedAt: 3 },
    { peer: 'two', taggedAt: 1 },
  ])
})

it('only a limited number of the newest records is remembered', async () => {
  await using catalog = await open()
  const note = (tag: string, taggedAt: number) =>
    catalog.transaction(({ seenTags: sightings }) => sightings.note('a', tag, { peer: 'one', taggedAt }))
  await note('again', 1)
  await note('once', 1)
  await catalog.transaction(async ({ seenTags: sightings }) => {
    for (let tag = 0; tag < MAX_SEEN_TAGS - 2; tag++)
      await sightings.note('a', `${tag}`, { peer: 'one', taggedAt: 1 })
  })
  await note('again', 2)
  await note('last', 1)
  expect(await catalog.seenTags.of('a', 'again')).toHaveLength(1)
  expect(await catalog.seenTags.of('a', 'once')).toHaveLength(0)
  expect(await catalog.seenTags.of('a', 'last')).toHaveLength(1)
})
