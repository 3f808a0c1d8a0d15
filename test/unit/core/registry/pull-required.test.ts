/** Pushes that rely on what only a peer has: when they are acknowledged, all of it is here. */
import { describe, expect, it } from 'vitest'
import type { Descriptor } from '../../../../src/core/oci/descriptor.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { expectAnswer } from '../../../support/calls.ts'
import {
  type InMemoryRegistry,
  openInMemoryRegistry,
  type Settings,
} from '../../../support/in-memory-registry.ts'
import { imageOf, indexOf, pushBlob, pushConfig, pushIndex, pushManifest } from '../../../support/push.ts'
import { type RemoteCall, remoteAt } from '../../../support/remote.ts'

interface Pair extends AsyncDisposable {
  readonly here: InMemoryRegistry
  readonly peer: InMemoryRegistry
  readonly asked: RemoteCall[]
}

async function openPair(settings?: Settings): Promise<Pair> {
  const asked: RemoteCall[] = []
  const peer = await openInMemoryRegistry()
  const here = await openInMemoryRegistry(settings, remoteAt(peer, asked))
  const close = async () => void (await Promise.all([here.close(), peer.close()]))
  return { here, peer, asked, [Symbol.asyncDispose]: close }
}

const imageNamed = async (registry: InMemoryRegistry, name: string) =>
  imageOf(await pushConfig(registry, 'a', `{"os":"${name}"}`), [await pushBlob(registry, 'a', name)])

const pushImage = async (registry: InMemoryRegistry, name: string): Promise<Descriptor> =>
  pushManifest(registry, 'a', await imageNamed(registry, name))

/** What `registry` lacks of an image, all the way down, when nobody else is asked. */
async function lacking(registry: InMemoryRegistry, reference: string): Promise<string[]> {
  const headers = { 'Cache-Control': 'only-if-cached' }
  const response = await registry.fetch('GET', `/v2/a/manifests/${reference}`, { headers })
  if (response.status !== 200) return [reference]
  const { config, layers = [], manifests = [] } = await response.json()
  const blobs = [config, ...layers].filter((blob) => blob !== undefined)
  const missing: string[] = []
  for (const { digest } of blobs) {
    const found = await registry.fetch('HEAD', `/v2/a/blobs/${digest}`, { headers })
    if (found.status !== 200) missing.push(digest)
  }
  for (const { digest } of manifests) missing.push(...(await lacking(registry, digest)))
  return missing
}

const head = ({ here }: Pair, { digest }: Descriptor) => here.fetch('HEAD', `/v2/a/manifests/${digest}`)

describe('what a peer has is here when a push is acknowledged of', () => {
  it('an image whose blobs HEAD has not found yet', async () => {
    await using pair = await openPair()
    await pushManifest(pair.here, 'a', await imageNamed(pair.peer, 'one'), '1')
    expect(await lacking(pair.here, '1')).toEqual([])
  })

  it('an image that came by its digest, under a tag', async () => {
    await using pair = await openPair()
    const image = await imageNamed(pair.peer, 'one')
    await head(pair, await pushManifest(pair.peer, 'a', image))
    await pushManifest(pair.here, 'a', image, '1')
    expect(await lacking(pair.here, '1')).toEqual([])
  })

  it('an index of images that were not asked for', async () => {
    await using pair = await openPair()
    const images = [await pushImage(pair.peer, 'one'), await pushImage(pair.peer, 'two')]
    await pushIndex(pair.here, 'a', images, { tag: '1' })
    expect(await lacking(pair.here, '1')).toEqual([])
  })

  it('an index of images that HEAD has found', async () => {
    await using pair = await openPair()
    const images = [await pushImage(pair.peer, 'one'), await pushImage(pair.peer, 'two')]
    for (const image of images) await head(pair, image)
    await pushIndex(pair.here, 'a', images, { tag: '1' })
    expect(await lacking(pair.here, '1')).toEqual([])
  })

  it('an index that came by its digest, under a tag', async () => {
    await using pair = await openPair()
    const images = [await pushImage(pair.peer, 'one'), await pushImage(pair.peer, 'two')]
    await head(pair, await pushIndex(pair.peer, 'a', images))
    await pushIndex(pair.here, 'a', images, { tag: '1' })
    expect(await lacking(pair.here, '1')).toEqual([])
  })

  it('an index of blobs and manifests whose types do not say which they are', async () => {
    await using pair = await openPair()
    const children = [await pushImage(pair.peer, 'one'), await pushBlob(pair.peer, 'a', 'blob')]
    const untyped = children.map((child) => ({ ...child, mediaType: 'application/vnd.example' }))
    await pushIndex(pair.here, 'a', untyped, { tag: '1' })
    const [image, blob] = children
    expect(await lacking(pair.here, image!.digest)).toEqual([])
    expect(await pair.here.store.blobs.get('a', blob!.digest as Digest)).toBeDefined()
  })

  it('an index of indexes, of which some is here', async () => {
    await using pair = await openPair()
    const shared = await pushImage(pair.peer, 'shared')
    const inner = [
      await pushIndex(pair.peer, 'a', [shared]),
      await pushIndex(pair.peer, 'a', [shared, shared]),
    ]
    await head(pair, inner[0]!)
    await pushIndex(pair.here, 'a', [...inner, await pushImage(pair.here, 'own')], { tag: '1' })
    expect(await lacking(pair.here, '1')).toEqual([])
  })
})

describe('a push is refused', () => {
  it('where nobody has a blob of an image that came from a peer', async () => {
    await using pair = await openPair()
    const image = await imageNamed(pair.peer, 'one')
    const pushed = await pushManifest(pair.peer, 'a', image)
    await head(pair, pushed)
    const [layer] = image.layers
    await pair.peer.disk.delete(layer!.digest as Digest)

    const body = JSON.stringify(indexOf([pushed]))
    const response = await pair.here.fetch('PUT', '/v2/a/manifests/1', { body })
    expect((await response.clone().json()).errors[0].detail).toBe(layer!.digest)
    await expectAnswer(response, { status: 400, error: 'MANIFEST_BLOB_UNKNOWN' })
    expect(await lacking(pair.here, '1')).toEqual(['1'])
  })

  it.each(['blob', 'manifest'] as const)('where the peer breaks off as it gives a %s', async (what) => {
    await using peer = await openInMemoryRegistry()
    const gone = async () => Promise.reject(new Error('gone'))
    await using here = await openInMemoryRegistry({}, (store, disk) => ({
      ...remoteAt(peer)(store, disk),
      [what]: gone,
    }))
    const body = JSON.stringify(indexOf([await pushImage(peer, 'one')]))
    const response = await here.fetch('PUT', '/v2/a/manifests/1', { body })
    await expectAnswer(response, { status: 400, error: 'MANIFEST_BLOB_UNKNOWN' })
  })

  it('with all that is missing, after one lookup in vain', async () => {
    await using pair = await openPair()
    const nowhere = await openInMemoryRegistry()
    const body = JSON.stringify(await imageNamed(nowhere, 'one'))
    await nowhere.close()
    const response = await pair.here.fetch('PUT', '/v2/a/manifests/1', { body })
    expect((await response.json()).errors).toHaveLength(2)
    expect(pair.asked).toHaveLength(1)
  })

  it.each([
    ['an image', false],
    ['an index', true],
  ])('without a question for %s so large that others wait for it', async (_, isIndex) => {
    await using pair = await openPair()
    const image = await imageNamed(pair.peer, 'one')
    const child = await pushManifest(pair.peer, 'a', image)
    if (isIndex) await head(pair, child)
    const before = pair.asked.length
    const pushed = {
      ...(isIndex ? indexOf([child]) : image),
      annotations: { filler: 'x'.repeat(256 * 1024) },
    }
    const response = await pair.here.fetch('PUT', '/v2/a/manifests/1', {
      headers: { 'Content-Type': pushed.mediaType },
      body: JSON.stringify(pushed),
    })
    expect([response.status, pair.asked.length]).toEqual([400, before])
  })

  it('without a lookup, if only what is cached is requested', async () => {
    await using pair = await openPair()
    const body = JSON.stringify(await imageNamed(pair.peer, 'one'))
    const headers = { 'Cache-Control': 'only-if-cached' }
    const response = await pair.here.fetch('PUT', '/v2/a/manifests/1', { body, headers })
    await expectAnswer(response, { status: 400, error: 'MANIFEST_BLOB_UNKNOWN' })
    expect(pair.asked).toEqual([])
  })
})

describe('nobody is asked', () => {
  it('for what is here', async () => {
    await using pair = await openPair()
    await pushIndex(pair.here, 'a', [await pushImage(pair.here, 'one')], { tag: '1' })
    expect(pair.asked).toEqual([])
  })

  it('for children that need not be here', async () => {
    await using pair = await openPair({ validation: { manifests: { indexes: { platforms: 'none' } } } })
    await pushIndex(pair.here, 'a', [await pushImage(pair.peer, 'one')], { tag: '1' })
    expect(pair.asked).toEqual([])
  })
})
