import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Database } from '../../../src/core/catalog/database.ts'
import { openSqlite } from '../../../src/node/sqlite.ts'
import { describeDatabase } from '../../contract/database.ts'

describeDatabase('node:sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sqlite-'))
  let database = await openSqlite(join(folder, 'catalog.db'))
  return {
    database,
    reopen: async () => {
      await database.close()
      database = await openSqlite(join(folder, 'catalog.db'))
      return database
    },
    close: async () => {
      await database.close()
      await rm(folder, { recursive: true })
    },
  }
})

describe('node:sqlite', () => {
  let folder: string
  let file: string
  let database: Database

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sqlite-'))
    file = join(folder, 'catalog.db')
    database = await openSqlite(file)
    await database.transaction((run) => run('CREATE TABLE item (value)'))
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await database.close()
    await rm(folder, { recursive: true })
  })

  const insert = (value: string | Uint8Array, durable = true): Promise<unknown> =>
    database.transaction((run) => run('INSERT INTO item VALUES (?)', value), { durable })

  const count = async (): Promise<unknown> => (await database.run('SELECT count(*) AS n FROM item'))[0]!['n']

  /** Stands in for a device that fails: nothing else makes a sync of a regular file fail. */
  async function failSyncs() {
    const handle = await open(folder)
    const syncs = vi.spyOn(Object.getPrototypeOf(handle), 'datasync')
    await handle.close()
    return syncs.mockRejectedValue(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }))
  }

  it('is refused to a second owner, until the first one is gone', async () => {
    await expect(openSqlite(file)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: 'the data folder is in use by another process',
    })
    await database.close()
    database = await openSqlite(file)
    expect(await count()).toBe(0)
  })

  it('is free again, with every commit, when its owner is killed', async () => {
    await database.close()
    const owner = fork(new URL('../../fixtures/sqlite-owner.ts', import.meta.url), [file])
    const ended = once(owner, 'exit')
    const written = once(owner, 'message').then(() => true)
    expect(await Promise.race([written, ended.then(() => false)])).toBe(true)
    await expect(openSqlite(file)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    owner.kill('SIGKILL')
    await ended
    database = await openSqlite(file)
    expect(await count()).toBe(1)
  })

  it('keeps one and the same log file through checkpoints, and no shared memory', async () => {
    const before = await stat(`${file}-wal`)
    for (let round = 0; round < 100; round++) await insert(new Uint8Array(100_000), false)
    await database.run('PRAGMA wal_checkpoint(TRUNCATE)')
    await insert('after')
    expect((await stat(`${file}-wal`)).ino).toBe(before.ino)
    expect((await readdir(folder)).sort()).toEqual(['catalog.db', 'catalog.db-wal'])
  })

  it('fails with 507 when the storage is full, and continues when there is space', async () => {
    await database.run('PRAGMA max_page_count = 20')
    const failure = await database
      .transaction(async (run) => {
        await run('INSERT INTO item VALUES (?)', 'small')
        await run('INSERT INTO item VALUES (?)', new Uint8Array(1_000_000)).catch(() => {})
        await run('INSERT INTO item VALUES (?)', 'after the roll-back')
      })
      .catch((error) => error)
    expect(failure).toMatchObject({ code: 'UNKNOWN' })
    await expect(insert(new Uint8Array(1_000_000))).rejects.toMatchObject({
      status: 507,
      message: 'storage is full',
    })
    expect(await count()).toBe(0)
    await database.run('PRAGMA max_page_count = 1000000')
    await insert(new Uint8Array(1_000_000))
    expect(await count()).toBe(1)
  })

  it('reports a commit that could not be synced as failed, and what is durable only after a checkpoint', async () => {
    const syncs = await failSyncs()
    await expect(insert('a')).rejects.toMatchObject({
      code: 'UNKNOWN',
      status: 500,
      message: 'storage failed',
    })
    syncs.mockRestore()
    expect((await stat(`${file}-wal`)).size).toBeGreaterThan(0)
    await insert('b')
    expect((await stat(`${file}-wal`)).size).toBe(0)
    await insert('c')
    expect(await count()).toBe(3)
  })

  it('shares syncs among commits that come together', async () => {
    const handle = await open(folder)
    const syncs = vi.spyOn(Object.getPrototypeOf(handle), 'datasync')
    await handle.close()
    await Promise.all(Array.from({ length: 200 }, (_, number) => insert(String(number))))
    expect(syncs.mock.calls.length).toBeLessThan(100)
    expect(await count()).toBe(200)
  })
})
