import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Disk } from '../../../../src/core/blobs/ports.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { openStore, type Store } from '../../../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { digestOf } from '../../../support/push.ts'

const CONTENT = Buffer.from('content')
const DIGEST = digestOf(CONTENT) as Digest

let disk: Disk
let store: Store

async function* once(bytes: Uint8Array) {
  yield bytes
}

const push = (repository: string) => store.uploads.put(repository, DIGEST, { bytes: once(CONTENT) })

const sizeIn = async (repository: string) => (await store.blobs.get(repository, DIGEST))?.size

describe('a blob whose file is missing', () => {
  beforeEach(async () => {
    disk = createMemoryDisk()
    const database = await openSqliteInMemory()
    onTestFinished(() => database.close())
    store = await openStore(disk, database)
    await push('a')
    await push('b')
    await disk.delete(DIGEST)
  })

  it('is not served', async () => {
    expect(await sizeIn('a')).toBeUndefined()
    expect(await store.downloads.held(DIGEST)).toBeUndefined()
  })

  it('cannot be mounted', async () => {
    expect(await store.blobs.mount('c', DIGEST, 'a')).toBe(false)
    expect(await store.blobs.mount('c', DIGEST, undefined)).toBe(false)
    await expect(store.downloads.link('c', DIGEST)).rejects.toThrow()
    expect(await sizeIn('a')).toBeUndefined()
  })

  it('is served in all repositories after a push to one', async () => {
    await push('b')
    expect(await sizeIn('a')).toBe(CONTENT.length)
    expect(await store.catalog.blobs.doubts()).toEqual([])
  })

  it('is served in all repositories after a download', async () => {
    const upload = await store.downloads.begin(DIGEST, { isResumable: true })
    await upload.append(once(CONTENT), { last: true })
    const origins = new Map([['peer', CONTENT.length]])
    await store.downloads.commit(DIGEST, upload, { repositories: ['a'], sources: origins })
    expect(await sizeIn('a')).toBe(CONTENT.length)
    expect(await sizeIn('b')).toBe(CONTENT.length)
  })

  it('can still be deleted', async () => {
    expect(await store.blobs.delete('a', DIGEST)).toBe(true)
    expect(await store.blobs.delete('b', DIGEST)).toBe(true)
    expect(await store.catalog.blobs.isHeld(DIGEST)).toBe(false)
  })
})
