/** The disk of browsers that can't write files, and what it promises beyond the port. */
import type {} from '@vitest/browser-playwright'
import { deleteDB, openDB } from 'idb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cdp } from 'vitest/browser'
import { createDiskDatabase, type DiskDatabase } from '../../src/browser/idb-disk/database.ts'
import { openIdbDisk } from '../../src/browser/idb-disk/idb-disk.ts'
import { createNamesRecord, createReserveRecord } from '../../src/browser/idb-disk/names-and-reserve.ts'
import type { Disk } from '../../src/core/blobs/ports.ts'
import { digestOf } from '../../src/core/oci/digest.ts'
import { describeDisk } from '../contract/disk.ts'

const MIB = 1024 * 1024

describeDisk('the disk in IndexedDB', async () => {
  const name = `disk-${crypto.randomUUID()}`
  const open = () => openIdbDisk(createDiskDatabase(name))
  return { disk: await open(), reopen: open, close: () => deleteDB(name) }
})

describe('the disk in IndexedDB', () => {
  let name: string
  let database: DiskDatabase
  let disk: Disk

  beforeEach(async () => {
    name = `disk-${crypto.randomUUID()}`
    await reopen()
  })
  afterEach(async () => {
    await database.close()
    await deleteDB(name)
  })

  async function reopen(): Promise<void> {
    await database?.close()
    database = createDiskDatabase(name)
    disk = await openIdbDisk(database)
  }

  const count = async (store: 'chunks' | 'leaving') => (await database.open()).count(store)

  it('resumes the hash after a restart without reading the stored bytes', async () => {
    const bytes = random(3 * MIB + 5)
    const upload = await disk.create()
    await upload.append(chunks(bytes.slice(0, 2 * MIB)))
    await reopen()
    const again = await disk.resume(upload.id)
    await database.write(['chunks'], (transaction) => transaction.objectStore('chunks').clear())
    await again!.append(chunks(bytes.slice(2 * MIB)))
    await again!.commit(await digestOf(bytes))
  })

  it('removes what a stopped worker has left', async () => {
    const upload = await disk.create()
    await upload.append(chunks(random(MIB)))
    const reader = await upload.open()
    await upload.cancel()
    expect(await count('chunks')).toBe(1) // for the reader, which ends with the worker
    await reopen()
    expect([await count('chunks'), await count('leaving')]).toEqual([0, 0])
    await reader.close()
  })

  it('replaces a damaged blob that is pushed again', async () => {
    const bytes = random(MIB)
    const digest = await digestOf(bytes)
    const push = async () => {
      const upload = await disk.create()
      await upload.append(chunks(bytes))
      await upload.commit(digest)
    }
    await push()
    await database.write(['chunks'], (transaction) => transaction.objectStore('chunks').clear())
    await expect(new Response((await disk.get(digest))!.stream() as BodyInit).bytes()).rejects.toThrow()
    await push()
    expect(await new Response((await disk.get(digest))!.stream() as BodyInit).bytes()).toHaveLength(MIB)
  })

  it('opens its database again after another context has deleted it', async () => {
    await createNamesRecord(database).write('names')
    await deleteDB(name)
    expect(await createNamesRecord(database).read()).toBeUndefined()
    await createNamesRecord(database).write('others')
    expect(await createNamesRecord(database).read()).toBe('others')
  })

  it('reserves space once, and releases it', async () => {
    let made = 0
    const reserve = createReserveRecord(database, () => {
      made++
      return random(MIB)
    })
    const sizes = async () => (await (await openDB(name)).getAll('others')).map(({ length }) => length)
    await reserve.restore()
    await reserve.restore()
    expect([made, await sizes()]).toEqual([1, [MIB]])
    await reserve.drop()
    await reserve.drop()
    expect(await sizes()).toEqual([])
  })

  it('reports a full storage, keeps what was stored, and works again when there is free space', async () => {
    const { origin } = location
    const override = (options: { quotaSize?: number }) =>
      cdp().send('Storage.overrideQuotaForOrigin', { origin, ...options })
    // Chromium caches the free space for half a minute unless its databases are deleted.
    await database.close()
    await cdp().send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
    await override({ quotaSize: (await navigator.storage.estimate()).usage! + 4 * MIB })
    await reopen()
    const bytes = random(16 * MIB)
    const upload = await disk.create()
    await upload.append(chunks(bytes.slice(0, 3000)))
    try {
      await expect(upload.append(chunks(bytes.slice(3000)))).rejects.toMatchObject({
        status: 507,
        message: 'storage is full',
      })
    } finally {
      await override({})
    }
    expect(upload.size).toBeGreaterThanOrEqual(3000)
    await reopen()
    const again = (await disk.resume(upload.id))!
    expect(again.size).toBe(upload.size)
    await again.append(chunks(bytes.slice(again.size)))
    await again.commit(await digestOf(bytes))
  })
})

function random(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  for (let start = 0; start < size; start += 65_536)
    crypto.getRandomValues(bytes.subarray(start, start + 65_536))
  return bytes
}

async function* chunks(bytes: Uint8Array) {
  for (let start = 0; start < bytes.length; start += 65_536) yield bytes.slice(start, start + 65_536)
}
