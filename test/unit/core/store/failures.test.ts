import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Disk } from '../../../../src/core/blobs/ports.ts'
import type { Database } from '../../../../src/core/catalog/database.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { openStore, type Store } from '../../../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { digestOf } from '../../../support/push.ts'

const CONTENT = Buffer.from('content')
const DIGEST = digestOf(CONTENT) as Digest

let disk: Disk
let database: Database
let store: Store
/** Set: the database refuses to change anything. */
let full = false

beforeEach(async () => {
  full = false
  disk = createMemoryDisk()
  database = await openSqliteInMemory()
  onTestFinished(() => database.close())
  store = await openStore(disk, {
    ...database,
    run: database.run,
    transaction: (work, options) =>
      full ? Promise.reject(new Error('database or disk is full')) : database.transaction(work, options),
    close: () => database.close(),
  })
})

async function* once(bytes: Uint8Array) {
  yield bytes
}

/** The catalog fails at the moment when all bytes have come. */
async function* thenFull() {
  yield CONTENT
  full = true
}

const stored = () => Array.fromAsync(disk.list())

describe('a catalog that cannot be written', () => {
  it('fails a push, and nothing of it stays', async () => {
    await expect(store.uploads.put('a', DIGEST, { bytes: thenFull() })).rejects.toThrow('full')
    expect(await stored()).toEqual([])
    expect(await Array.fromAsync(disk.uploads())).toEqual([])
    full = false
    expect(await store.blobs.get('a', DIGEST)).toBeUndefined()
  })

  it('fails a deletion, and the blob stays', async () => {
    await store.uploads.put('a', DIGEST, { bytes: once(CONTENT) })
    full = true
    await expect(store.blobs.delete('a', DIGEST)).rejects.toThrow('full')
    expect((await store.blobs.get('a', DIGEST))?.size).toBe(CONTENT.length)
  })

  it('takes pushes again when there is space', async () => {
    await expect(store.uploads.put('a', DIGEST, { bytes: thenFull() })).rejects.toThrow('full')
    full = false
    await store.uploads.put('a', DIGEST, { bytes: once(CONTENT) })
    expect(await stored()).toEqual([DIGEST])
  })
})

describe('a blob whose file was removed from outside', () => {
  it('is not served', async () => {
    await store.uploads.put('a', DIGEST, { bytes: once(CONTENT) })
    await disk.delete(DIGEST)
    expect(await store.blobs.get('a', DIGEST)).toBeUndefined()
    expect(await store.blobs.mount('b', DIGEST, 'a')).toBe(false)
  })

  it('is served again after a push', async () => {
    await store.uploads.put('a', DIGEST, { bytes: once(CONTENT) })
    await disk.delete(DIGEST)
    await store.uploads.put('a', DIGEST, { bytes: once(CONTENT) })
    expect((await store.blobs.get('a', DIGEST))?.size).toBe(CONTENT.length)
  })
})
