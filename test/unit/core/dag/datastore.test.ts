import { type Datastore, Key } from 'interface-datastore'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openCatalog } from '../../../../src/core/catalog/catalog.ts'
import { createDatastore } from '../../../../src/core/dag/datastore.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

let datastore: Datastore

beforeEach(async () => {
  const database = await openSqliteInMemory()
  onTestFinished(() => database.close())
  datastore = createDatastore(await openCatalog(database))
})

const keysUnder = async (prefix?: string): Promise<string[]> =>
  (await Array.fromAsync(datastore.queryKeys(prefix === undefined ? {} : { prefix }))).map(String)

describe('a value', () => {
  it.each([new Uint8Array(), bytes('x'), new Uint8Array(100_000).fill(255)])(
    'is given back',
    async (value) => {
      const key = new Key('/a/b')
      expect(await datastore.put(key, value)).toBe(key)
      expect(await datastore.has(key)).toBe(true)
      expect(Buffer.from(await datastore.get(key)).equals(value)).toBe(true)
    },
  )

  it('is replaced by the next', async () => {
    await datastore.put(new Key('/a'), bytes('one'))
    await datastore.put(new Key('/a'), bytes('two'))
    expect(Buffer.from(await datastore.get(new Key('/a'))).toString()).toBe('two')
  })

  it('that is not there is an error with the name that is known', async () => {
    expect(await datastore.has(new Key('/a'))).toBe(false)
    await expect(Promise.resolve(datastore.get(new Key('/a')))).rejects.toMatchObject({
      name: 'NotFoundError',
    })
  })

  it('can be deleted, also when it is not there', async () => {
    await datastore.put(new Key('/a'), bytes('x'))
    await datastore.delete(new Key('/a'))
    await datastore.delete(new Key('/a'))
    expect(await datastore.has(new Key('/a'))).toBe(false)
  })
})

describe('a query', () => {
  it('gives what begins with its prefix, in order, and no more', async () => {
    for (const key of ['/pin', '/pin/b', '/pin/a', '/pin/a/x', '/pinned', '/pim/z', '/q']) {
      await datastore.put(new Key(key), bytes(key))
    }
    expect(await keysUnder('/pin/')).toEqual(['/pin/a', '/pin/a/x', '/pin/b'])
    expect(await keysUnder('/pin')).toEqual(['/pin', '/pin/a', '/pin/a/x', '/pin/b', '/pinned'])
    expect(await keysUnder()).toHaveLength(7)
    const pairs = await Array.fromAsync(datastore.query({ prefix: '/pin/a' }))
    expect(pairs.map(({ value }) => Buffer.from(value).toString())).toEqual(['/pin/a', '/pin/a/x'])
  })

  it('takes characters for what they are', async () => {
    for (const key of ['/a%b', '/a_b', '/axb', '/ä', '/😀/x']) await datastore.put(new Key(key), bytes(key))
    expect(await keysUnder('/a%')).toEqual(['/a%b'])
    expect(await keysUnder('/a_')).toEqual(['/a_b'])
    expect(await keysUnder('/😀')).toEqual(['/😀/x'])
  })

  it('goes over many values, and may delete them on its way', async () => {
    const batch = datastore.batch()
    for (let number = 0; number < 1000; number++) batch.put(new Key(`/n/${number}`), bytes(`${number}`))
    await batch.commit()
    expect(await keysUnder('/n')).toHaveLength(1000)
    for await (const key of datastore.queryKeys({ prefix: '/n' })) await datastore.delete(key)
    expect(await keysUnder('/n')).toEqual([])
  })

  it('keeps to filters, orders, offset and limit', async () => {
    for (const key of ['/a', '/b', '/c', '/d']) await datastore.put(new Key(key), bytes(key))
    const query = {
      filters: [(key: Key) => key.toString() !== '/b'],
      orders: [(one: Key, other: Key) => (one.toString() < other.toString() ? 1 : -1)],
      offset: 1,
      limit: 1,
    }
    expect((await Array.fromAsync(datastore.queryKeys(query))).map(String)).toEqual(['/c'])
  })
})

describe('a batch', () => {
  it('changes nothing until it is committed', async () => {
    await datastore.put(new Key('/old'), bytes('x'))
    const batch = datastore.batch()
    batch.put(new Key('/new'), bytes('y'))
    batch.delete(new Key('/old'))
    expect(await keysUnder()).toEqual(['/old'])
    await batch.commit()
    expect(await keysUnder()).toEqual(['/new'])
    await batch.commit()
    expect(await keysUnder()).toEqual(['/new'])
  })
})
