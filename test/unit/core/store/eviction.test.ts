import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Disk } from '../../../../src/core/blobs/ports.ts'
import type { Descriptor } from '../../../../src/core/oci/descriptor.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { openStore, type Store } from '../../../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { descriptorOf, imageOf, indexOf } from '../../../support/push.ts'
import { once, putManifest, receiveBlob, receiveManifest } from '../../../support/remote-blobs.ts'

const MINUTE = 60_000
const CONFIG = descriptorOf('{}', 'application/vnd.oci.image.config.v1+json')

let disk: Disk
let store: Store

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  disk = createMemoryDisk()
  const database = await openSqliteInMemory()
  store = await openStore(disk, database)
  onTestFinished(async () => {
    vi.useRealTimers()
    await store.eviction.close()
    await database.close()
  })
})

const later = (milliseconds = 2 * MINUTE) => vi.setSystemTime(Date.now() + milliseconds)
const evictAll = () => store.eviction.evict({ to: 0 })

const bringLayer = (content: string, repository = 'a') => receiveBlob(store, repository, content)

/** An image from peers: its layers come too. */
async function bringImage(layers: readonly string[], repository = 'a', extras = {}): Promise<Descriptor> {
  const found: Descriptor[] = []
  for (const layer of layers) found.push(await bringLayer(layer, repository))
  return receiveManifest(store, repository, { ...imageOf(CONFIG, found), ...extras })
}

const pushLayer = (content: string, repository = 'a') => {
  const digest = descriptorOf(content, '').digest as Digest
  return store.uploads.put(repository, digest, { bytes: once(Buffer.from(content)) })
}

const has = async ({ digest }: Descriptor, repository = 'a') => {
  const found = await store.catalog.manifests.find(repository, { digest: digest as Digest })
  return found !== undefined
}

const hasLayer = async (content: string, repository = 'a') => {
  const digest = descriptorOf(content, '').digest as Digest
  return (await store.catalog.blobs.sizeIn(repository, digest)) !== undefined
}

const held = async () => (await Array.fromAsync(disk.list())).length

describe('evict', () => {
  it('removes an image from peers with what only it needs', async () => {
    const image = await bringImage(['one', 'two'])
    later()
    const freed = await evictAll()
    expect(freed).toBe(image.size + 'one'.length + 'two'.length)
    expect(await has(image)).toBe(false)
    expect(await held()).toBe(0)
    expect(await store.catalog.eviction.cachedBytes()).toBe(0)
    expect(await store.catalog.blobs.doubts()).toEqual([])
  })

  it('removes an index from peers with the blobs that it names', async () => {
    const index = await receiveManifest(
      store,
      'a',
      indexOf([await bringLayer('one'), await bringLayer('two')]),
    )
    later()
    expect(await evictAll()).toBe(index.size + 'onetwo'.length)
    expect(await held()).toBe(0)
  })

  it('spares the blobs of an index that is kept or was pushed, however old they are', async () => {
    const kept = await receiveManifest(store, 'a', indexOf([await bringLayer('one')]))
    await store.eviction.keep('a', kept.digest as Digest)
    await putManifest(store, 'a', indexOf([await bringLayer('two')]))
    await bringLayer('loose')
    later()
    expect(await evictAll()).toBe('loose'.length)
    expect([await hasLayer('one'), await hasLayer('two')]).toEqual([true, true])
    await store.eviction.release('a', kept.digest as Digest)
    expect(await evictAll()).toBe(kept.size + 'one'.length)
  })

  it('counts the use of a blob as a use of the index that names it', async () => {
    const first = await receiveManifest(store, 'a', indexOf([await bringLayer('one')]))
    later()
    const second = await receiveManifest(store, 'a', indexOf([await bringLayer('two')]))
    later()
    await store.blobs.get('a', descriptorOf('one', '').digest as Digest)
    later()
    await store.eviction.evict({ to: first.size + 'one'.length })
    expect([await has(first), await has(second)]).toEqual([true, false])
  })

  it('removes an image that was pushed elsewhere and deleted there', async () => {
    const pushed = await receiveManifest(store, 'a', imageOf(CONFIG, []))
    await putManifest(store, 'b', imageOf(CONFIG, []))
    await store.manifests.delete('b', pushed.digest as Digest)
    later()
    const image = await bringImage(['one'])
    later()
    expect(await evictAll()).toBe(pushed.size + image.size + 'one'.length)
    expect(await held()).toBe(0)
  })

  it('stops as soon as the rest fits into the allowed bytes', async () => {
    const first = await bringImage(['one'])
    later()
    const second = await bringImage(['two'])
    later()
    await store.eviction.evict({ to: second.size + 'two'.length })
    expect([await has(first), await has(second)]).toEqual([false, true])
    expect(await hasLayer('two')).toBe(true)
  })

  it('begins with the least recently used', async () => {
    const first = await bringImage(['one'])
    later()
    const second = await bringImage(['two'])
    later()
    await store.manifests.find('a', { digest: first.digest as Digest })
    later()
    await store.eviction.evict({ to: first.size + 'one'.length })
    expect([await has(first), await has(second)]).toEqual([true, false])
  })

  it('counts the use of a layer as a use of its image', async () => {
    const first = await bringImage(['one'])
    later()
    const second = await bringImage(['two'])
    later()
    await store.blobs.get('a', descriptorOf('one', '').digest as Digest)
    later()
    await store.eviction.evict({ to: first.size + 'one'.length })
    expect([await has(first), await has(second)]).toEqual([true, false])
  })

  it('leaves what was used within the last minute', async () => {
    const image = await bringImage(['one'])
    expect(await evictAll()).toBe(0)
    later()
    await store.manifests.find('a', { digest: image.digest as Digest })
    expect(await evictAll()).toBe(0)
    expect(await has(image)).toBe(true)
    later()
    expect(await evictAll()).toBeGreaterThan(0)
  })

  it('leaves layers that another image of the repository needs', async () => {
    await bringImage(['base', 'one'])
    later()
    const second = await bringImage(['base', 'two'])
    await store.eviction.keep('a', second.digest as Digest)
    later()
    await evictAll()
    expect(await hasLayer('base')).toBe(true)
    expect(await hasLayer('one')).toBe(false)
  })

  it('leaves in a repository what an image there needs', async () => {
    const first = await bringImage(['base'], 'a')
    const second = await bringImage(['base'], 'b')
    await store.eviction.keep('b', second.digest as Digest)
    later()
    await evictAll()
    expect([await has(first, 'a'), await hasLayer('base', 'a')]).toEqual([false, false])
    expect([await has(second, 'b'), await hasLayer('base', 'b')]).toEqual([true, true])
  })

  it('removes blobs from peers that no image needs', async () => {
    await bringLayer('loose')
    later()
    expect(await evictAll()).toBe('loose'.length)
    expect(await held()).toBe(0)
  })

  it('removes an index before its children, and those then', async () => {
    const child = await bringImage(['one'])
    const index = await receiveManifest(store, 'a', indexOf([child]))
    later()
    await store.eviction.evict({ to: child.size + 'one'.length })
    expect([await has(index), await has(child)]).toEqual([false, true])
    await evictAll()
    expect(await held()).toBe(0)
  })

  it('removes the referrers of an image with it', async () => {
    const image = await bringImage(['one'])
    const signature = await bringImage(['signed'], 'a', { subject: image })
    const other = await bringImage(['signed too'], 'a', { subject: signature })
    const last = await bringImage(['last'])
    later()
    await store.eviction.evict({ to: last.size + 'last'.length })
    expect([await has(image), await has(signature), await has(other)]).toEqual([false, false, false])
    expect(await has(last)).toBe(true)
  })

  it('removes referrers that no peer vouches for', async () => {
    const image = await putManifest(store, 'a', imageOf(CONFIG, []))
    const claiming = { ...imageOf(CONFIG, []), subject: image }
    const byItself = await receiveManifest(store, 'a', { ...claiming, annotations: { by: 'nobody' } }, null)
    const listed = await receiveManifest(store, 'a', claiming)
    later()
    await evictAll()
    expect([await has(byItself), await has(listed)]).toEqual([false, true])
  })

  it('leaves an image while one of its layers is downloaded', async () => {
    const layer = descriptorOf('slow', 'application/vnd.oci.image.layer.v1.tar')
    const digest = layer.digest as Digest
    const image = await receiveManifest(store, 'a', imageOf(CONFIG, [layer]))
    const upload = await store.downloads.begin(digest, { isResumable: false })
    later()
    await evictAll()
    expect(await has(image)).toBe(true)
    await store.downloads.drop(digest, upload)
    await evictAll()
    expect(await has(image)).toBe(false)
  })

  it('leaves a loose blob that an unfinished push to its repository has found', async () => {
    await bringLayer('found')
    await store.uploads.start('a')
    later(10 * MINUTE)
    await evictAll()
    expect(await hasLayer('found')).toBe(true)
    later(2 * 60 * MINUTE)
    await evictAll()
    expect(await hasLayer('found')).toBe(false)
  })

  it('runs once at a time', async () => {
    await bringImage(['one', 'two'])
    later()
    const freed = await Promise.all([evictAll(), evictAll(), evictAll()])
    expect(freed.filter((bytes) => bytes > 0)).toHaveLength(1)
  })
})

describe('a pushed image', () => {
  it('stays, with what it needs from peers', async () => {
    const layer = await bringLayer('from peers')
    const image = await putManifest(store, 'a', imageOf(CONFIG, [layer]))
    later()
    expect(await evictAll()).toBe(0)
    expect([await has(image), await hasLayer('from peers')]).toEqual([true, true])
  })

  it.each([
    ['a push of its bytes', () => pushLayer('layer')],
    ['a push of its bytes elsewhere', () => pushLayer('layer', 'b')],
    ['a mount', () => store.blobs.mount('b', descriptorOf('layer', '').digest as Digest, 'a')],
  ])('counts as pushed, though it came from peers before: %s', async (_, push) => {
    await bringLayer('layer')
    await push()
    later()
    expect(await evictAll()).toBe(0)
    expect(await hasLayer('layer')).toBe(true)
  })

  it('counts as pushed, though it comes from peers later', async () => {
    await pushLayer('layer')
    await bringLayer('layer', 'b')
    const image = await putManifest(store, 'a', imageOf(CONFIG, []))
    await receiveManifest(store, 'a', imageOf(CONFIG, []))
    later()
    expect(await evictAll()).toBe(0)
    expect(await has(image)).toBe(true)
  })

  it('counts as pushed when a manifest from peers is pushed', async () => {
    const image = await bringImage(['one'])
    await putManifest(store, 'a', imageOf(CONFIG, [await bringLayer('one')]), ['latest'])
    later()
    expect(await evictAll()).toBe(0)
    expect(await has(image)).toBe(true)
  })

  it('may refer to an image that is evicted', async () => {
    const image = await bringImage(['one'])
    const signature = await putManifest(store, 'a', { ...imageOf(CONFIG, []), subject: image })
    later()
    await evictAll()
    expect([await has(image), await has(signature)]).toEqual([false, true])
  })
})

describe('an eviction at the same time', () => {
  it.each<[string, (content: string) => Promise<unknown>]>([
    ['a push', (content) => pushLayer(content)],
    ['a push elsewhere', (content) => pushLayer(content, 'b')],
    ['a download', (content) => bringLayer(content).catch(() => bringLayer(content))],
  ])('takes nothing from %s', async (_, come) => {
    for (let round = 0; round < 30; round++) {
      const content = `layer ${round}`
      await bringImage([content])
      later()
      const began = Array.from({ length: round % 10 }).reduce<Promise<unknown>>(
        (past) => past.then(),
        Promise.resolve(),
      )
      await Promise.all([evictAll(), began.then(() => come(content))])
      const digest = descriptorOf(content, '').digest as Digest
      const repository = (await hasLayer(content, 'a')) ? 'a' : 'b'
      expect((await store.blobs.get(repository, digest))?.size).toBe(content.length)
      expect(await disk.get(digest)).toBeDefined()
    }
  })

  it('takes a mounted blob or refuses the mount', async () => {
    for (let round = 0; round < 30; round++) {
      const content = `layer ${round}`
      await bringImage([content])
      later()
      const digest = descriptorOf(content, '').digest as Digest
      const [, isMounted] = await Promise.all([evictAll(), store.blobs.mount('b', digest, undefined)])
      expect(await hasLayer(content, 'b')).toBe(isMounted)
      expect((await disk.get(digest)) !== undefined).toBe(isMounted)
    }
  })
})

describe('a kept image', () => {
  it('stays, with its children, their layers and its referrers, until it is released', async () => {
    const child = await bringImage(['one'])
    const index = await receiveManifest(store, 'a', indexOf([child]))
    const signature = await bringImage(['signed'], 'a', { subject: index })
    const digest = index.digest as Digest
    expect(await store.eviction.keep('a', digest)).toBe(true)
    expect(await store.eviction.keep('a', digest)).toBe(true)
    later()
    expect(await evictAll()).toBe(0)
    expect([await has(index), await has(child), await has(signature)]).toEqual([true, true, true])
    expect(await store.eviction.release('a', digest)).toBe(true)
    await evictAll()
    expect(await held()).toBe(0)
  })

  it('must be a manifest of the repository', async () => {
    const image = await bringImage(['one'])
    expect(await store.eviction.keep('b', image.digest as Digest)).toBe(false)
    expect(await store.eviction.release('b', image.digest as Digest)).toBe(false)
  })

  it('can still be deleted', async () => {
    const image = await bringImage(['one'])
    await store.eviction.keep('a', image.digest as Digest)
    expect(await store.manifests.delete('a', image.digest as Digest)).toBe(true)
  })
})

describe('the budget', () => {
  it('is enforced after something has come in', async () => {
    vi.useFakeTimers()
    store.eviction.setBudget(100)
    await bringLayer('x'.repeat(90))
    await vi.advanceTimersByTimeAsync(2 * MINUTE)
    expect(await held()).toBe(1)
    await bringLayer('y'.repeat(90))
    await vi.advanceTimersByTimeAsync(2 * MINUTE)
    expect(await store.catalog.eviction.cachedBytes()).toBe(90)
    expect(await hasLayer('y'.repeat(90))).toBe(true)
  })

  it('is unlimited by default', async () => {
    vi.useFakeTimers()
    await bringLayer('x'.repeat(90))
    await vi.advanceTimersByTimeAsync(10 * MINUTE)
    expect([store.eviction.budget, await held()]).toEqual([null, 1])
  })

  it('can be changed at any time', async () => {
    vi.useFakeTimers()
    await bringLayer('x')
    await vi.advanceTimersByTimeAsync(2 * MINUTE)
    store.eviction.setBudget(0)
    await vi.advanceTimersByTimeAsync(2 * MINUTE)
    expect(await held()).toBe(0)
  })
})
