/** What interrupted pushes and pulls leave behind, when it is removed, and that the storage counts each byte once. */
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Disk } from '../../../../src/core/blobs/ports.ts'
import type { Database } from '../../../../src/core/catalog/database.ts'
import type { Descriptor } from '../../../../src/core/oci/descriptor.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { openStore, type Store } from '../../../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { descriptorOf, imageOf, indexOf } from '../../../support/push.ts'
import { once, putManifest, receiveBlob, receiveManifest } from '../../../support/remote-blobs.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const CONFIG = descriptorOf('{}', 'application/vnd.oci.image.config.v1+json')

let disk: Disk
let database: Database
let store: Store

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  disk = createMemoryDisk()
  database = await openSqliteInMemory()
  store = await openStore(disk, database)
  onTestFinished(async () => {
    vi.useRealTimers()
    await store.eviction.close()
    await database.close()
  })
})

const later = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds)
const sweep = () => store.orphans.free({ since: Date.now() - DAY })
const digestOf = (content: string) => descriptorOf(content, '').digest as Digest

async function push(content: string, repository = 'a'): Promise<Descriptor> {
  await store.uploads.put(repository, digestOf(content), { bytes: once(Buffer.from(content)) })
  return descriptorOf(content, 'application/vnd.oci.image.layer.v1.tar')
}

const serves = async (content: string, repository = 'a') =>
  (await store.catalog.blobs.sizeIn(repository, digestOf(content))) !== undefined

const held = async () => new Set(await Array.fromAsync(disk.list()))

/** The list that triggers keep is what a look at all rows would give. */
async function requireExact(): Promise<void> {
  const rows = await database.run(
    `SELECT links.blob, links.repository FROM links JOIN blobs ON blobs.id = links.blob
     WHERE NOT EXISTS (SELECT 1 FROM needs JOIN manifests ON manifests.id = needs.manifest
       WHERE needs.digest = blobs.digest AND manifests.repository = links.repository) ORDER BY 1, 2`,
  )
  expect(await database.run('SELECT blob, repository FROM orphans ORDER BY 1, 2')).toEqual(rows)
}

/** Files and numbers agree. */
async function requireSums(): Promise<void> {
  let bytes = 0
  for await (const digest of disk.list()) bytes += (await disk.get(digest))!.size
  for await (const id of disk.uploads()) bytes += (await disk.resume(id))!.size
  const { total, ...parts } = await store.space.usage()
  expect([total, Object.values(parts).reduce((sum, part) => sum + part, 0)]).toEqual([bytes, bytes])
}

describe('a blob that no image needs', () => {
  it('is removed after a time, with its empty repository', async () => {
    await push('layer')
    later(DAY - 1)
    expect(await sweep()).toBe(0)
    later(2)
    expect(await sweep()).toBe('layer'.length)
    expect(await held()).toEqual(new Set())
    expect(await store.catalog.repositories.exists('a')).toBe(false)
    await requireExact()
  })

  it.each<[string, () => Promise<unknown>]>([
    ['finds it', () => store.blobs.get('a', digestOf('layer'))],
    ['mounts it here', () => store.blobs.mount('a', digestOf('layer'), 'a')],
    ['mounts it elsewhere', () => store.blobs.mount('b', digestOf('layer'), 'a')],
    ['sends it again', () => push('layer')],
  ])('stays for a client that %s, and pushes the manifest later', async (_, use) => {
    const layer = await push('layer')
    later(DAY)
    await use()
    later(10 * MINUTE)
    expect(await sweep()).toBe(0)
    await putManifest(store, 'a', imageOf(CONFIG, [layer]))
    later(2 * DAY)
    await sweep()
    expect(await serves('layer')).toBe(true)
    await requireExact()
  })

  it('counts as used before the client gets a response', async () => {
    await push('layer')
    later(DAY)
    expect(await store.blobs.get('a', digestOf('layer'))).toBeDefined()
    const next = await openStore(disk, database)
    expect(await next.orphans.free({ since: Date.now() - DAY })).toBe(0)
    await next.eviction.close()
  })

  it('stays only while its repository is being pushed to', async () => {
    await push('first')
    later(2 * DAY)
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const second = store.uploads.put('a', digestOf('second'), { bytes: readable })
    await writer.write(Buffer.from('sec'))
    expect(await sweep()).toBe(0)
    expect(await store.space.preview({})).toMatchObject({ orphans: 0 })
    await writer.abort().catch(() => {})
    await expect(second).rejects.toThrow()
    later(MINUTE + 1)
    expect(await sweep()).toBe('first'.length)
  })

  it('stays in repositories where an image needs it', async () => {
    const layer = await push('layer', 'a')
    await push('layer', 'b')
    await putManifest(store, 'a', imageOf(CONFIG, [layer]))
    later(2 * DAY)
    expect(await sweep()).toBe(0)
    expect([await serves('layer', 'a'), await serves('layer', 'b')]).toEqual([true, false])
    await requireExact()
  })

  it('is what only a deleted image needed, and stays for a while, as it may be pushed again', async () => {
    const [own, shared] = [await push('own'), await push('shared')]
    const image = await putManifest(store, 'a', imageOf(CONFIG, [own, shared]))
    await putManifest(store, 'a', imageOf(CONFIG, [shared]))
    later(2 * DAY)
    await store.manifests.delete('a', image.digest as Digest)
    await requireExact()
    expect(await sweep()).toBe(0)
    later(2 * DAY)
    expect(await sweep()).toBe('own'.length)
    expect(await serves('shared')).toBe(true)
  })

  it('is neither what an index names nor a manifest that is also a blob', async () => {
    const layer = await push('layer')
    const index = await putManifest(store, 'a', indexOf([layer]))
    await store.blobs.mount('a', index.digest as Digest, undefined)
    await requireExact()
    later(2 * DAY)
    await sweep()
    expect((await held()).size).toBe(2)
  })

  it('may have come from a peer', async () => {
    await receiveBlob(store, 'a', 'layer')
    await requireExact()
    later(2 * DAY)
    expect(await sweep()).toBe('layer'.length)
  })

  it('is no layer that comes after its manifest', async () => {
    await receiveManifest(store, 'a', imageOf(CONFIG, [descriptorOf('layer', 'x/y')]))
    await receiveBlob(store, 'a', 'layer')
    await requireExact()
    expect(await store.catalog.orphans.totals()).toEqual({ pushed: 0, cached: 0 })
  })

  it('is never removed during a push that needs it', async () => {
    for (let round = 0; round < 30; round++) {
      const layer = await push(`layer ${round}`)
      later(2 * DAY)
      const began = Array.from({ length: round % 10 }).reduce<Promise<unknown>>(
        (past) => past.then(),
        Promise.resolve(),
      )
      const found = began.then(() => store.blobs.get('a', layer.digest as Digest))
      await Promise.all([sweep(), found])
      const isThere = await serves(`layer ${round}`)
      if ((await found) !== undefined) expect(isThere).toBe(true)
      expect((await held()).has(layer.digest as Digest)).toBe(isThere)
    }
  })
})

describe('freeing space on request', () => {
  it('frees what the preview says', async () => {
    const image = await putManifest(store, 'a', imageOf(CONFIG, [await push('needed')]))
    await push('left behind')
    await push('elsewhere', 'b')
    const id = await store.uploads.start('a')
    await store.uploads.append('a', id, { bytes: once(Buffer.from('half')) })
    const download = await store.downloads.begin(digestOf('pulled'), { isResumable: true })
    await download.append(once(Buffer.from('pul')), { last: true })
    await store.downloads.keep(digestOf('pulled'), download)
    await requireSums()
    expect(await store.space.usage()).toEqual({
      total: image.size + 'needed'.length + 20 + 4 + 3,
      pushed: image.size + 'needed'.length,
      cached: 0,
      orphans: 20,
      uploads: 4,
      downloads: 3,
    })
    const soon = { orphans: 0, uploads: 0, downloads: 3, images: 0, spared: 24 }
    expect(await store.space.preview({})).toEqual(soon)
    later(MINUTE + 1)
    const all = { orphans: 20, uploads: 4, downloads: 3, images: 0 }
    expect(await store.space.preview({})).toEqual({ ...all, spared: 0 })
    expect(await store.space.preview({ repository: 'b' })).toMatchObject({
      orphans: 9,
      uploads: 0,
      downloads: 0,
    })
    expect(await store.space.free({})).toEqual(all)
    await requireSums()
    expect(await held()).toEqual(new Set([image.digest, digestOf('needed')]))
    expect(await Array.fromAsync(disk.uploads())).toEqual([])
  })

  it('frees what one repository has left behind', async () => {
    await push('one', 'a')
    await push('other', 'b')
    later(MINUTE + 1)
    expect(await store.space.free({ repository: 'b' })).toMatchObject({ orphans: 'other'.length })
    expect(await held()).toEqual(new Set([digestOf('one')]))
  })

  it.each([
    ['loses images from peers above the budget', 0],
    ['keeps those that are within it', 1000],
  ])('%s', async (_, budget) => {
    const image = await receiveManifest(store, 'a', imageOf(CONFIG, [await receiveBlob(store, 'a', 'layer')]))
    const bytes = image.size + 'layer'.length
    store.eviction.setBudget(budget)
    later(2 * MINUTE)
    expect(await store.space.evictable()).toBe(bytes)
    const goes = budget === 0 ? bytes : 0
    expect(await store.space.preview({})).toMatchObject({ images: goes })
    expect(await store.space.preview({ to: 0 })).toMatchObject({ images: bytes })
    expect(await store.space.free({})).toMatchObject({ images: goes })
  })

  it('counts as evictable what is not kept, pushed, tagged, or needed by that', async () => {
    const layer = await receiveBlob(store, 'a', 'layer')
    const child = await receiveManifest(store, 'a', imageOf(CONFIG, [layer]))
    const index = await receiveManifest(store, 'a', indexOf([child]))
    await receiveManifest(store, 'a', {
      ...imageOf(CONFIG, [await receiveBlob(store, 'a', 'sig')]),
      subject: index,
    })
    const all = (await store.space.usage()).cached
    expect(await store.space.evictable()).toBe(all)
    await store.eviction.keep('a', index.digest as Digest)
    expect(await store.space.evictable()).toBe(0)
    await store.eviction.release('a', index.digest as Digest)
    await putManifest(store, 'a', imageOf(layer, []))
    expect(await store.space.evictable()).toBe(all - layer.size)
  })
})
