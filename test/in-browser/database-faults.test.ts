/** The database of the browser when its storage fails. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cdp } from 'vitest/browser'
import { SQLITE_IOERR, SQLiteError } from 'wa-sqlite'
import wasmUrl from 'wa-sqlite/dist/wa-sqlite-async.wasm?url'
import { sqliteError } from '../../src/browser/sqlite/sqlite-error.ts'
import { openWaSqlite } from '../../src/browser/sqlite/wa-sqlite.ts'
import type { Database, Run } from '../../src/core/catalog/database.ts'

const wasm = (): Promise<WebAssembly.Module> => WebAssembly.compileStreaming(fetch(wasmUrl))

let name: string
let database: Database

beforeEach(async () => {
  name = crypto.randomUUID()
  database = await openWaSqlite(name, { wasm })
  await database.transaction((run) => run('CREATE TABLE item (value)'))
})

afterEach(async () => {
  await database.close()
  indexedDB.deleteDatabase(name)
})

const insert = (value: string | Uint8Array) =>
  database.transaction((run) => run('INSERT INTO item VALUES (?)', value))

const count = async (run: Run = database.run) => (await run('SELECT count(*) AS n FROM item'))[0]?.['n']

const storage = (command: string, parameters: object) =>
  (cdp() as { send(method: string, parameters: object): Promise<unknown> }).send(`Storage.${command}`, {
    origin: location.origin,
    ...parameters,
  })

const setQuota = (quotaSize?: number) =>
  storage('overrideQuotaForOrigin', quotaSize === undefined ? {} : { quotaSize })

describe('a database whose storage is full', () => {
  afterEach(() => setQuota())

  it('reports 507, keeps its rows, and works again when there is free space', async () => {
    await forgetFreeSpace()
    await setQuota((await navigator.storage.estimate()).usage! + 1_000_000)
    database = await openWaSqlite(name, { wasm })
    await database.transaction((run) => run('CREATE TABLE item (value)'))
    let acknowledged = 0
    const push = async () => {
      await insert(crypto.getRandomValues(new Uint8Array(60_000)))
      acknowledged++
    }
    expect(await failureOf(push)).toMatchObject({ status: 507 })
    const together = await Promise.all([push, push, push].map(failureOf))
    for (const one of together) expect(one).toMatchObject({ status: 507 })
    expect(await count()).toBe(acknowledged)
    await setQuota()
    await insert('after')
    expect(await count()).toBe(acknowledged + 1)
    expect(await database.run('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  })
})

describe('a failure of the storage', () => {
  it('is a 500 while there is free space', async () => {
    const cause = new SQLiteError('disk I/O error', SQLITE_IOERR)
    expect(await sqliteError(cause)).toMatchObject({ status: 500 })
  })
})

/** Chromium caches the free space for half a minute unless its databases are deleted. */
async function forgetFreeSpace(): Promise<void> {
  await database.close()
  await storage('clearDataForOrigin', { storageTypes: 'indexeddb' })
}

/** Repeats `work` until it throws, and returns the error. */
async function failureOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    for (;;) await work()
  } catch (error) {
    return error
  }
}

describe('a database that another context locks', () => {
  it('is unavailable after a timeout, and works again once the lock is free', async () => {
    const impatient = await openWaSqlite(name, { wasm, timeout: 500 })
    const release = await hold(`/${name}-outer`)
    await expect(count(impatient.run)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    const late = impatient.transaction((run) => run('INSERT INTO item VALUES (?)', 'late'))
    await expect(late).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await release()
    await insert('in time')
    await expect.poll(() => count(impatient.run)).toBe(1)
    await impatient.close()
  })
})

/** Resolves when the lock is held. */
async function hold(lock: string): Promise<() => Promise<void>> {
  const end = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const holding = navigator.locks.request(lock, () => {
    begun.resolve()
    return end.promise
  })
  await begun.promise
  return async () => {
    end.resolve()
    await holding
  }
}

describe('a database on wa-sqlite', () => {
  it('distinguishes empty bytes from NULL', async () => {
    await insert(new Uint8Array())
    expect(await database.run('SELECT value, typeof(value) AS type FROM item')).toEqual([
      { value: new Uint8Array(), type: 'blob' },
    ])
  })

  it('commits although reads follow each other without end', async () => {
    let isCommitted = false
    const readOnAndOn = async () => {
      while (!isCommitted) await count()
    }
    const reading = readOnAndOn()
    await count()
    await insert('between')
    isCommitted = true
    await reading
  })

  it('prepares more statements than it caches', async () => {
    for (let number = 0; number < 600; number++) {
      expect(await database.run(`SELECT ${number} AS value`)).toEqual([{ value: number }])
    }
    expect(await database.run('SELECT 0 AS value')).toEqual([{ value: 0 }])
  })

  it('works after the tables have changed', async () => {
    await insert('a')
    expect(await count()).toBe(1)
    await database.transaction((run) => run('ALTER TABLE item ADD COLUMN other DEFAULT 7'))
    expect(await database.run('SELECT * FROM item')).toEqual([{ value: 'a', other: 7 }])
  })

  it('can be closed twice, and rejects statements then', async () => {
    await database.close()
    await database.close()
    await expect(count()).rejects.toThrow('closed')
  })

  it('deletes the old pages of many commits', async () => {
    for (let number = 0; number < 100; number++) await insert(`${number}`)
    expect(await count()).toBe(100)
    const request = indexedDB.open(name)
    const blocks = await new Promise<number>((resolve) => {
      request.onsuccess = () => {
        const counting = request.result.transaction('blocks').objectStore('blocks').count()
        counting.onsuccess = () => {
          request.result.close()
          resolve(counting.result)
        }
      }
    })
    expect(blocks).toBeLessThan(100)
  })
})
