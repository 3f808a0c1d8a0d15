/** What was deleted from a repository stays gone there, though a peer has all of it still. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { expectAnswer } from '../../../support/calls.ts'
import type { InMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { chunks, createMemoryNetwork, type MemoryNetwork } from '../../../support/memory-network.ts'
import {
  digestOf,
  imageOf,
  pushBlob,
  pushConfig,
  pushImage,
  pushIndex,
  pushManifest,
} from '../../../support/push.ts'
import { openPeer } from './open-peer.ts'

const LAYER = digestOf('layer')
const SIGNATURE = 'application/vnd.example.signature'

afterEach(() => void vi.useRealTimers())

/** Both hold the same: images under the repositories `a` and `b`, with a tag, an index and a signature. */
async function openTwo() {
  const network = createMemoryNetwork()
  const one = await openPeer(network, 'one')
  const two = await openPeer(network, 'two', ['one'])
  const held = await fill(one)
  await fill(two)
  return {
    network,
    one,
    two,
    ...held,
    async [Symbol.asyncDispose]() {
      await one.close()
      await two.close()
    },
  }
}

async function fill(registry: InMemoryRegistry) {
  await pushImage(registry, 'b', { tag: '1' })
  const image = await pushImage(registry, 'a', { tag: '1' })
  const index = await pushIndex(registry, 'a', [image], { tag: 'index' })
  const signature = await pushImage(registry, 'a', { subject: image, artifactType: SIGNATURE })
  return { image: image.digest, index: index.digest, signature: signature.digest }
}

const remove = async (registry: InMemoryRegistry, path: string) =>
  expect((await registry.fetch('DELETE', path)).status, path).toBe(202)

async function expectGone(registry: InMemoryRegistry, path: string): Promise<void> {
  const error = path.includes('/blobs/') ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN'
  await expectAnswer(await registry.fetch('HEAD', path), { status: 404 })
  await expectAnswer(await registry.fetch('GET', path), { status: 404, error })
}

async function expectThere(registry: InMemoryRegistry, path: string): Promise<void> {
  for (const method of ['HEAD', 'GET'])
    expect((await registry.fetch(method, path)).status, `${method} ${path}`).toBe(200)
}

const signaturesIn = async (registry: InMemoryRegistry, subject: string): Promise<string[]> => {
  const response = await registry.fetch('GET', `/v2/a/referrers/${subject}`)
  const { manifests } = (await response.json()) as { manifests: { digest: string }[] }
  return manifests.map(({ digest }) => digest)
}

describe('deleted from a repository, though a peer has it', () => {
  it.each([
    ['a blob', `blobs/${LAYER}`, []],
    ['a tag', 'manifests/1', []],
    ['an image with its tag', 'manifests/{image}', ['manifests/1']],
    ['an index with its tag', 'manifests/{index}', ['manifests/index']],
    ['a signature', 'manifests/{signature}', []],
    ['the image of an index that is here', 'manifests/{image}', []],
  ])('%s is gone', async (_, target, others) => {
    await using setting = await openTwo()
    const { network, one, two } = setting
    const pathOf = (text: string) =>
      `/v2/a/${text.replace(/\{(\w+)\}/, (_, key) => String(setting[key as 'image']))}`
    const asked = network.requests.length
    await remove(two, pathOf(target))
    for (const path of [target, ...others].map(pathOf)) {
      await expectGone(two, path)
      await expectThere(one, path)
    }
    expect(network.requests).toHaveLength(asked)
    expect((await two.fetch('DELETE', pathOf(target))).status).toBe(404)
  })

  it('a manifest is no blob either', async () => {
    await using setting = await openTwo()
    const { two, image } = setting
    await remove(two, `/v2/a/manifests/${image}`)
    await expectGone(two, `/v2/a/blobs/${image}`)
  })

  it('a signature is listed no more', async () => {
    await using setting = await openTwo()
    const { one, two, image, signature } = setting
    expect(await signaturesIn(one, image)).toEqual([signature])
    await remove(two, `/v2/a/manifests/${signature}`)
    expect(await signaturesIn(two, image)).toEqual([])
    expect(await signaturesIn(two, image)).toEqual([])
  })

  it('what only came from that peer is gone as well', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two', ['one'])
    const { digest } = await pushImage(one, 'a', { tag: '1' })
    for (const path of [`/v2/a/manifests/${digest}`, `/v2/a/blobs/${LAYER}`]) {
      await expectThere(two, path)
      await remove(two, path)
      await expectGone(two, path)
    }
    await expectGone(two, '/v2/a/manifests/1')
  })

  it('the rest is not: other repositories, the image of a tag, the blobs of an image', async () => {
    await using setting = await openTwo()
    const { two, image, index } = setting
    await remove(two, '/v2/a/manifests/1')
    await expectThere(two, `/v2/a/manifests/${image}`)
    await remove(two, `/v2/a/manifests/${image}`)
    await remove(two, `/v2/a/blobs/${LAYER}`)
    await expectThere(two, `/v2/a/manifests/${index}`)
    await expectThere(two, `/v2/a/blobs/${digestOf('{}')}`)
    for (const path of [`manifests/${image}`, 'manifests/1', `blobs/${LAYER}`])
      await expectThere(two, `/v2/b/${path}`)
  })

  it('it comes from peers to another repository', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two', ['one'])
    await pushImage(two, 'a', { tag: '1' })
    const { digest } = await pushImage(one, 'b')
    await remove(two, `/v2/a/manifests/${digest}`)
    await expectThere(two, `/v2/b/manifests/${digest}`)
    await expectGone(two, `/v2/a/manifests/${digest}`)
  })

  it('it is no longer served to peers from there, but still from another repository', async () => {
    await using setting = await openTwo()
    const { one, two } = setting
    await remove(two, `/v2/a/blobs/${LAYER}`)
    await one.store.blobs.delete('b', LAYER as Digest)
    await remove(one, `/v2/a/blobs/${LAYER}`)
    const network = createMemoryNetwork()
    await using three = await openPeer(network, 'three')
    network.join('two', async () => ({ value: { offers: [null] } }))
    await expectGone(three, `/v2/a/blobs/${LAYER}`)
    expect(await two.store.catalog.shareFacts.serves('a', LAYER as Digest)).toBe(false)
    expect(await two.store.catalog.shareFacts.serves('b', LAYER as Digest)).toBe(true)
  })
})

describe('it is there again', () => {
  it.each<[string, (registry: InMemoryRegistry) => Promise<unknown>]>([
    ['pushed in one request', (registry) => pushBlob(registry, 'a', 'layer')],
    [
      'pushed by an upload',
      async (registry) => {
        const started = await registry.fetch('POST', '/v2/a/blobs/uploads/')
        const location = `${started.headers.get('location')}?digest=${LAYER}`
        return registry.fetch('PUT', location, { body: 'layer' })
      },
    ],
    ['mounted', (registry) => registry.fetch('POST', `/v2/a/blobs/uploads/?mount=${LAYER}&from=b`)],
  ])('a blob that is %s, and comes back even if the disk loses it', async (_, push) => {
    await using setting = await openTwo()
    const { two } = setting
    await remove(two, `/v2/a/blobs/${LAYER}`)
    await push(two)
    await expectThere(two, `/v2/a/blobs/${LAYER}`)
    await two.disk.delete(LAYER as Digest)
    await expectThere(two, `/v2/a/blobs/${LAYER}`)
  })

  it('a manifest and a tag that are pushed', async () => {
    await using setting = await openTwo()
    const { two, image } = setting
    await remove(two, `/v2/a/manifests/${image}`)
    await pushImage(two, 'a')
    await expectThere(two, `/v2/a/manifests/${image}`)
    await expectGone(two, '/v2/a/manifests/1')
    await pushImage(two, 'a', { tag: '1' })
    await expectThere(two, '/v2/a/manifests/1')
    await two.store.catalog.transaction(({ tags }) => tags.delete('a', '1')) // as if it had never been here
    await expectThere(two, '/v2/a/manifests/1')
  })

  it('not because something names it that is pushed', async () => {
    await using setting = await openTwo()
    const { two } = setting
    const config = await pushConfig(two, 'a')
    const foreign = {
      ...(await pushBlob(two, 'b', 'else')),
      mediaType: 'application/vnd.oci.image.layer.v1.tar',
    }
    const needed = await pushBlob(two, 'a', 'else')
    await pushManifest(two, 'a', imageOf(config, [needed]), '2')
    await remove(two, `/v2/a/blobs/${foreign.digest}`)
    await pushBlob(setting.one, 'a', 'else')
    await expectGone(two, `/v2/a/blobs/${foreign.digest}`)
  })

  it('what was evicted, for that is no deletion', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two', ['one'])
    const { digest } = await pushImage(one, 'a', { tag: '1' })
    const paths = ['/v2/a/manifests/1', `/v2/a/manifests/${digest}`, `/v2/a/blobs/${LAYER}`]
    for (const path of paths) await expectThere(two, path)
    vi.setSystemTime(Date.now() + 10 * 60_000)
    expect(await two.store.eviction.evict({ to: 0 })).toBeGreaterThan(0)
    expect(await two.store.manifests.find('a', { digest: digest as Digest })).toBeUndefined()
    for (const path of paths) await expectThere(two, path)
  })
})

/** A peer that has these bytes everywhere, and gives them when it may. */
function joinSlow(network: MemoryNetwork, text: string, mediaType?: string) {
  const asked = Promise.withResolvers<void>()
  const may = Promise.withResolvers<void>()
  const offer = { size: text.length, ...(mediaType && { mediaType }) }
  network.join('slow', async ({ ask, digests = [] }: { ask: string; digests?: string[] }) => {
    if (ask === 'have') return { value: { offers: digests.map(() => offer) } }
    if (ask === 'turn') throw new Error('knows of no turns')
    asked.resolve()
    await may.promise
    return { value: { size: text.length, length: text.length }, body: chunks(text) }
  })
  return { asked: asked.promise, give: may.resolve }
}

describe('deleted while it is on its way here', () => {
  it('a manifest does not arrive', async () => {
    const network = createMemoryNetwork()
    await using two = await openPeer(network, 'two')
    const image = imageOf(await pushConfig(two, 'a'), [])
    const slow = joinSlow(network, JSON.stringify(image), image.mediaType)
    const path = `/v2/a/manifests/${digestOf(JSON.stringify(image))}`
    const waiting = two.fetch('GET', path)
    await slow.asked
    await pushManifest(two, 'a', image)
    await remove(two, path)
    slow.give()
    await expectAnswer(await waiting, { status: 404, error: 'MANIFEST_UNKNOWN' })
    await expectGone(two, path)
    expect(await two.disk.get(digestOf(JSON.stringify(image)) as Digest)).toBeUndefined()
  })

  it('a blob does not arrive, and nothing of it stays', async () => {
    const network = createMemoryNetwork()
    await using two = await openPeer(network, 'two')
    const slow = joinSlow(network, 'layer')
    const waiting = two.fetch('GET', `/v2/a/blobs/${LAYER}`).then((response) => response.text())
    await slow.asked
    await pushBlob(two, 'a', 'layer')
    await remove(two, `/v2/a/blobs/${LAYER}`)
    slow.give()
    await waiting.catch(() => {})
    await expectGone(two, `/v2/a/blobs/${LAYER}`)
    await expect.poll(() => two.disk.get(LAYER as Digest)).toBeUndefined()
    expect(await two.store.catalog.blobs.isHeld(LAYER as Digest)).toBe(false)
  })

  it('a blob arrives where else it is wanted', async () => {
    const network = createMemoryNetwork()
    await using two = await openPeer(network, 'two')
    const slow = joinSlow(network, 'layer')
    const gets = ['b', 'a'].map((name) => two.fetch('GET', `/v2/${name}/blobs/${LAYER}`))
    await slow.asked
    const isAsked = (question: string) => question === 'have slow'
    await expect.poll(() => network.requests.filter(isAsked)).toHaveLength(3) // for each name, and for the blob
    await pushBlob(two, 'a', 'layer')
    await remove(two, `/v2/a/blobs/${LAYER}`)
    slow.give()
    await Promise.allSettled(gets.map(async (get) => (await get).text()))
    await expectThere(two, `/v2/b/blobs/${LAYER}`)
    await expectGone(two, `/v2/a/blobs/${LAYER}`)
  })
})
