import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Catalog, openCatalog } from '../../../../src/core/catalog/catalog.ts'
import { silentLog } from '../../../../src/core/log.ts'
import {
  type NamesBackup,
  readNamesBackup,
  startNamesBackup,
  WRITE_DELAY_MS,
} from '../../../../src/core/store/names-backup.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'

let catalog: Catalog
let keeper: NamesBackup
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
  keeper = startNamesBackup(names, catalog, { ...silentLog, error: (message) => errors.push(message) })
})

afterEach(() => {
  vi.useRealTimers()
})

async function add(name: string): Promise<void> {
  await catalog.transaction((queries) => queries.repositories.add(name))
  keeper.changed()
}

const named = async () => (await readNamesBackup(names)).map(({ name }) => name)

describe('the backup of the names', () => {
  it('writes several changes at once', async () => {
    await add('a')
    await add('b')
    expect(written).toEqual([])
    await vi.advanceTimersByTimeAsync(WRITE_DELAY_MS)
    expect(written).toHaveLength(1)
    expect(await named()).toEqual(['a', 'b'])
  })

  it('is written on closing if something has changed', async () => {
    await keeper.close()
    expect(written).toEqual([])
    await add('a')
    await keeper.close()
    expect(await named()).toEqual(['a'])
    await vi.advanceTimersByTimeAsync(WRITE_DELAY_MS)
    expect(written).toHaveLength(1)
  })

  it('is not written if nothing has changed', async () => {
    await add('a')
    await keeper.close()
    keeper.changed()
    await keeper.close()
    expect(written).toHaveLength(1)
  })

  it('is written with the next change after a failure', async () => {
    failure = new Error('no room')
    await add('a')
    await vi.advanceTimersByTimeAsync(WRITE_DELAY_MS)
    expect(errors).toHaveLength(1)
    failure = undefined
    await add('b')
    await vi.advanceTimersByTimeAsync(WRITE_DELAY_MS)
    expect(await named()).toEqual(['a', 'b'])
  })

  it('stays as it is when the catalog cannot be trusted', async () => {
    await add('a')
    keeper.cancel()
    await keeper.close()
    expect(written).toEqual([])
  })
})
