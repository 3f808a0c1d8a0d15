import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Catalog, openCatalog } from '../../../../src/core/catalog/catalog.ts'
import { silentLog } from '../../../../src/core/log.ts'
import { DELAY, keepNames, type NamesKeeper, readNames } from '../../../../src/core/store/names-backup.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'

let catalog: Catalog
let keeper: NamesKeeper
/** What was written, oldest first. */
let written: string[]
let failure: Error | undefined
let errors: string[]

const names = {
  read: async () => written.at(-1),
  write: async (text: string) => {
    if (failure) throw failure
    written.push(text)
  },
}

beforeEach(async () => {
  vi.useFakeTimers()
  written = []
  errors = []
  failure = undefined
  const database = await openSqliteInMemory()
  onTestFinished(() => database.close())
  catalog = await openCatalog(database)
  keeper = keepNames(names, catalog, { ...silentLog, error: (message) => errors.push(message) })
})

afterEach(() => {
  vi.useRealTimers()
})

async function add(name: string): Promise<void> {
  await catalog.transaction((queries) => queries.repositories.add(name))
  keeper.changed()
}

const named = async () => (await readNames(names)).map(({ name }) => name)

describe('the copy of the names', () => {
  it('gathers changes', async () => {
    await add('a')
    await add('b')
    expect(written).toEqual([])
    await vi.advanceTimersByTimeAsync(DELAY)
    expect(written).toHaveLength(1)
    expect(await named()).toEqual(['a', 'b'])
  })

  it('is written on closing, if there is need', async () => {
    await keeper.close()
    expect(written).toEqual([])
    await add('a')
    await keeper.close()
    expect(await named()).toEqual(['a'])
    await vi.advanceTimersByTimeAsync(DELAY)
    expect(written).toHaveLength(1)
  })

  it('is not written where nothing has changed', async () => {
    await add('a')
    await keeper.close()
    keeper.changed()
    await keeper.close()
    expect(written).toHaveLength(1)
  })

  it('is written with the next change where it could not be', async () => {
    failure = new Error('no room')
    await add('a')
    await vi.advanceTimersByTimeAsync(DELAY)
    expect(errors).toHaveLength(1)
    failure = undefined
    await add('b')
    await vi.advanceTimersByTimeAsync(DELAY)
    expect(await named()).toEqual(['a', 'b'])
  })

  it('stays as it is when the catalog is not to be believed', async () => {
    await add('a')
    keeper.cancel()
    await keeper.close()
    expect(written).toEqual([])
  })
})
