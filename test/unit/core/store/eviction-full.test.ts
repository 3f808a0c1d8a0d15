import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Disk, Upload } from '../../../../src/core/blobs/ports.ts'
import type { Database } from '../../../../src/core/catalog/database.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { RegistryError } from '../../../../src/core/oci/error.ts'
import type { Reserve } from '../../../../src/core/store/free-space.ts'
import { openStore, type Store } from '../../../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { digestOf } from '../../../support/push.ts'
import { once, receiveBlob } from '../../../support/remote-blobs.ts'

const CONTENT = Buffer.from('pushed')
const DIGEST = digestOf(CONTENT) as Digest

let disk: Disk
let store: Store
/** The number of blobs that fit on the disk. */
let room: number
/** What happened to the reserve. */
let reserved: string[]
/** Whether the catalog can be written only without the reserve. */
let isTight: boolean

const full = () => new RegistryError('UNKNOWN', 'storage is full', { status: 507 })
const held = async () => (await Array.fromAsync(disk.list())).length

async function requireRoom(): Promise<void> {
  if ((await held()) >= room) throw full()
}

/** Fails at the given moment when there is no room. */
const smallUpload = (upload: Upload, moment: 'append' | 'commit'): Upload => ({
  id: upload.id,
  get size() {
    return upload.size
  },
  async append(bytes, options) {
    if (moment === 'append') await requireRoom()
    await upload.append(bytes, options)
  },
  async commit(digest, options) {
    if (moment === 'commit') await requireRoom()
    return upload.commit(digest, options)
  },
  open: () => upload.open(),
  truncate: (size) => upload.truncate(size),
  cancel: () => upload.cancel(),
})

async function open(moment: 'append' | 'commit' | 'create'): Promise<void> {
  const database = await openSqliteInMemory()
  const smallDisk: Disk = {
    ...disk,
    async create(options) {
      if (moment === 'create') await requireRoom()
      const upload = await disk.create(options)
      return moment === 'create' ? upload : smallUpload(upload, moment)
    },
  }
  const smallDatabase: Database = {
    run: database.run,
    async transaction(work, options) {
      if (isTight && reserved.at(-1) !== 'drop') throw full()
      return database.transaction(work, options)
    },
    close: () => database.close(),
  }
  const reserve: Reserve = {
    drop: async () => void reserved.push('drop'),
    restore: async () => void reserved.push('restore'),
  }
  store = await openStore(smallDisk, smallDatabase, { reserve })
  onTestFinished(async () => {
    await store.eviction.close()
    await database.close()
  })
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  disk = createMemoryDisk()
  room = 2
  reserved = []
  isTight = false
})

async function fillWith(bring: (content: string) => Promise<unknown>): Promise<void> {
  for (let count = 0; count < room; count++) await bring(`blob ${count}`)
  vi.setSystemTime(Date.now() + 120_000)
}

const bring = (content: string) => receiveBlob(store, 'a', content)
const push = (content: string) =>
  store.uploads.put('a', digestOf(content) as Digest, { bytes: once(Buffer.from(content)) })
const pushContent = () => store.uploads.put('a', DIGEST, { bytes: once(CONTENT) })

describe('a full storage', () => {
  it.each(['create', 'commit'] as const)(
    'takes a push at the cost of the cache, at once: at %s',
    async (moment) => {
      await open(moment)
      await fillWith(bring)
      await pushContent()
      expect((await store.blobs.get('a', DIGEST))?.size).toBe(CONTENT.length)
      expect(reserved).toEqual(['drop', 'restore'])
    },
  )

  it('takes a push whose bytes were half read when its client tries again', async () => {
    await open('append')
    await fillWith(bring)
    await expect(pushContent()).rejects.toMatchObject({ status: 507 })
    await pushContent()
    expect((await store.blobs.get('a', DIGEST))?.size).toBe(CONTENT.length)
  })

  it.each(['create', 'append', 'commit'] as const)(
    'refuses a push where nothing may go: at %s',
    async (moment) => {
      await open(moment)
      await fillWith(push)
      await expect(pushContent()).rejects.toMatchObject({ status: 507 })
      await expect(pushContent()).rejects.toMatchObject({ status: 507 })
      expect(await held()).toBe(room)
      expect(await Array.fromAsync(disk.uploads())).toEqual([])
      expect(await store.catalog.blobs.doubts()).toEqual([])
      expect(reserved.at(-1)).toBe('restore')
    },
  )

  it('takes a download from peers in place of earlier ones', async () => {
    await open('commit')
    await fillWith(bring)
    await receiveBlob(store, 'a', 'new')
    expect(await store.catalog.blobs.sizeIn('a', digestOf('new') as Digest)).toBe(3)
  })

  it('does not wait for a blob that is being pushed', async () => {
    await open('commit')
    await fillWith(bring)
    await push('blob 0')
    expect(await store.catalog.blobs.sizeIn('a', digestOf('blob 0') as Digest)).toBe(6)
  })

  it('allows deletions, with the space of the reserve', async () => {
    await open('commit')
    await fillWith(push)
    isTight = true
    expect(await store.blobs.delete('a', digestOf('blob 0') as Digest)).toBe(true)
    isTight = false
    await pushContent()
  })
})
