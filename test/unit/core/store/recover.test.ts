import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Disk } from '../../../../src/core/blobs/ports.ts'
import { openCatalog } from '../../../../src/core/catalog/catalog.ts'
import type { Database } from '../../../../src/core/catalog/database.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { openStore } from '../../../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { digestOf } from '../../../support/push.ts'

const CONTENT = Buffer.from('content')
const DIGEST = digestOf(CONTENT) as Digest

let disk: Disk
let database: Database

beforeEach(async () => {
  disk = createMemoryDisk()
  database = await openSqliteInMemory()
  onTestFinished(() => database.close())
})

async function* once(bytes: Uint8Array) {
  yield bytes
}

async function writeFile(): Promise<void> {
  const upload = await disk.create()
  await upload.append(once(CONTENT))
  await upload.commit(DIGEST)
}

const stored = () => Array.fromAsync(disk.list())
const uploads = () => Array.fromAsync(disk.uploads())

describe('a start after a crash', () => {
  it('removes a file that no row names', async () => {
    const catalog = await openCatalog(database)
    await catalog.transaction((queries) => queries.blobs.recordDoubt({ digest: DIGEST }))
    await writeFile()
    const store = await openStore(disk, database)
    expect(await stored()).toEqual([])
    expect(await store.catalog.blobs.doubts()).toEqual([])
  })

  it('keeps a file that a row names', async () => {
    const catalog = await openCatalog(database)
    await writeFile()
    await catalog.transaction(async (queries) => {
      await queries.blobs.add(DIGEST, CONTENT.length)
      await queries.blobs.recordDoubt({ digest: DIGEST })
    })
    const store = await openStore(disk, database)
    expect(await stored()).toEqual([DIGEST])
    expect(await store.catalog.blobs.doubts()).toEqual([])
  })

  it('forgets a doubt without a file', async () => {
    const catalog = await openCatalog(database)
    await catalog.transaction((queries) => queries.blobs.recordDoubt({ digest: DIGEST }))
    const store = await openStore(disk, database)
    expect(await store.catalog.blobs.doubts()).toEqual([])
  })

  it('ends a deletion whose file was still there', async () => {
    const before = await openStore(disk, database)
    await before.uploads.put('a', DIGEST, { bytes: once(CONTENT) })
    await before.catalog.transaction(async (queries) => {
      await queries.blobs.unlink('a', DIGEST)
      await queries.blobs.forget(DIGEST)
    })
    expect(await stored()).toEqual([DIGEST])
    await openStore(disk, database)
    expect(await stored()).toEqual([])
  })

  it('looks only at digests in doubt, not at other files', async () => {
    await openCatalog(database)
    await writeFile()
    await openStore(disk, database)
    expect(await stored()).toEqual([DIGEST])
  })

  it('removes the bytes of an upload without a session', async () => {
    await openCatalog(database)
    await (await disk.create()).append(once(CONTENT))
    await openStore(disk, database)
    expect(await uploads()).toEqual([])
  })

  it('keeps an upload with its true size, so that its client can continue', async () => {
    const before = await openStore(disk, database)
    const id = await before.uploads.start('a')
    await before.uploads.append('a', id, { bytes: once(CONTENT.subarray(0, 3)) })
    const after = await openStore(disk, database)
    expect(await after.uploads.size('a', id)).toBe(3)
    await after.uploads.finish('a', id, DIGEST, { bytes: once(CONTENT.subarray(3)) })
    expect((await after.blobs.get('a', DIGEST))?.size).toBe(CONTENT.length)
  })

  it('finishes an upload that was moved into place but not recorded', async () => {
    const before = await openStore(disk, database)
    const id = await before.uploads.start('a')
    await before.uploads.append('a', id, { bytes: once(CONTENT) })
    const doubt = { digest: DIGEST, upload: id, size: CONTENT.length }
    await before.catalog.transaction((queries) => queries.blobs.recordDoubt(doubt))
    await (await disk.resume(id))!.commit(DIGEST)
    const after = await openStore(disk, database)
    expect((await after.blobs.get('a', DIGEST))?.size).toBe(CONTENT.length)
    await expect(after.uploads.size('a', id)).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' })
    expect(await after.catalog.blobs.doubts()).toEqual([])
  })

  it('records no blob for an upload that has not written it', async () => {
    const before = await openStore(disk, database)
    await before.uploads.put('b', DIGEST, { bytes: once(CONTENT) })
    const id = await before.uploads.start('a')
    const doubt = { digest: DIGEST, upload: id, size: 0 }
    await before.catalog.transaction((queries) => queries.blobs.recordDoubt(doubt))
    const after = await openStore(disk, database)
    expect(await after.blobs.get('a', DIGEST)).toBeUndefined()
    expect(await after.uploads.size('a', id)).toBe(0)
  })

  it('keeps an upload that has received no bytes', async () => {
    const id = await (await openStore(disk, database)).uploads.start('a')
    const after = await openStore(disk, database)
    expect(await after.uploads.size('a', id)).toBe(0)
  })

  it('keeps everything that was acknowledged, after any number of crashes', async () => {
    await (await openStore(disk, database)).uploads.put('a', DIGEST, { bytes: once(CONTENT) })
    for (let start = 0; start < 3; start++) await openStore(disk, database)
    const store = await openStore(disk, database)
    expect((await store.blobs.get('a', DIGEST))?.size).toBe(CONTENT.length)
  })
})
