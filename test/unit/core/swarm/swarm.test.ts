import { describe, expect, it } from 'vitest'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { expectAnswer } from '../../../support/calls.ts'
import { createMemoryNetwork } from '../../../support/memory-network.ts'
import { imageOf, pushBlob, pushConfig, pushImage, pushIndex, pushManifest } from '../../../support/push.ts'
import { openPeer } from './open-peer.ts'

const MIB = 1024 * 1024
const LAYER = Uint8Array.from(
  { length: 3 * MIB + 5 },
  (_, position) => (position * 31 + (position >> 9)) & 255,
)

describe('a registry in a swarm', () => {
  it('pulls an image that another one holds, by its tag, and holds it from then on', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two', ['one'])
    const config = await pushConfig(one, 'a')
    const layer = await pushBlob(one, 'a', LAYER)
    const image = await pushManifest(one, 'a', imageOf(config, [layer]), '1')

    const byTag = await two.fetch('GET', '/v2/a/manifests/1')
    const answers = {
      'Docker-Content-Digest': image.digest,
      'Flotilla-Tag-Source': 'one',
      'Flotilla-Source': /^peer;id=one;bytes=\d+$/,
    }
    await expectAnswer(byTag, { status: 200, answers })
    const pulled = await two.fetch('GET', `/v2/a/blobs/${layer.digest}`)
    expect(pulled.headers.get('flotilla-source')).toMatch(/^peer/)
    expect(Buffer.from(await pulled.arrayBuffer()).equals(Buffer.from(LAYER))).toBe(true)
    await expectAnswer(await two.fetch('GET', `/v2/a/blobs/${config.digest}`), { status: 200, text: '{}' })

    const asked = network.requests.length
    const again = await two.fetch('GET', `/v2/a/blobs/${layer.digest}`)
    await expectAnswer(again, { status: 200, answers: { 'Flotilla-Source': 'disk' } })
    expect(network.requests).toHaveLength(asked)
    expect(await two.store.catalog.tags.list('a', { limit: 1 })).toEqual(['1'])
    expect(await two.store.catalog.shareFacts.tagging('a', '1')).toBeUndefined()
  })

  it('pulls an index that names blobs, and each of them as what it is', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two', ['one'])
    const layer = await pushBlob(one, 'a', LAYER)
    const config = await pushBlob(one, 'a', '{"layers":[]}', 'application/vnd.buildkit.cacheconfig.v0')
    const image = { ...(await pushImage(one, 'a')), mediaType: '' }
    const index = await pushIndex(one, 'a', [layer, config, image], { tag: 'cache' })

    await expectAnswer(await two.fetch('GET', '/v2/a/manifests/cache'), { status: 200 })
    const stated = await two.store.statedSizes(layer.digest as Digest, ['a'])
    expect(stated).toEqual([LAYER.length])
    const pulled = await two.fetch('GET', `/v2/a/blobs/${layer.digest}`)
    expect(Buffer.from(await pulled.arrayBuffer()).equals(Buffer.from(LAYER))).toBe(true)
    const text = '{"layers":[]}'
    await expectAnswer(await two.fetch('GET', `/v2/a/blobs/${config.digest}`), { status: 200, text })
    await expectAnswer(await two.fetch('GET', `/v2/a/manifests/${image.digest}`), { status: 200 })

    // Whatever came is enough to push the index here.
    await two.fetch('DELETE', `/v2/a/manifests/${index.digest}`)
    await pushIndex(two, 'a', [layer, config, image], { tag: 'cache' })
  })

  it('gives no blob that an index of a repository names which is not shared', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two', ['one'])
    const layer = await pushBlob(one, 'closed', 'secret')
    const index = await pushIndex(one, 'closed', [layer], { tag: 'cache' })
    for (const path of [`blobs/${layer.digest}`, `manifests/${index.digest}`, 'manifests/cache'])
      expect((await two.fetch('GET', `/v2/a/${path}`)).status, path).toBe(404)
  })

  it('says yes to HEAD only when the blob is here', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two')
    const { digest } = await pushBlob(one, 'a', LAYER)
    const head = await two.fetch('HEAD', `/v2/a/blobs/${digest}`)
    await expectAnswer(head, { status: 200, answers: { 'Content-Length': String(LAYER.length) } })
    expect((await two.disk.get(digest as Digest))?.size).toBe(LAYER.length)
  })

  it('gets nothing of a repository that is not shared, on either side', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two', ['one'])
    const secret = await pushBlob(one, 'closed', 'secret')
    const image = await pushImage(one, 'closed', { tag: '1' })
    for (const path of [`blobs/${secret.digest}`, `manifests/${image.digest}`, 'manifests/1'])
      expect((await two.fetch('GET', `/v2/a/${path}`)).status, path).toBe(404)
    const asked = network.requests.length
    expect((await two.fetch('GET', '/v2/closed/manifests/1')).status).toBe(404)
    expect((await two.fetch('GET', `/v2/closed/blobs/${secret.digest}`)).status).toBe(404)
    expect(network.requests).toHaveLength(asked)
  })

  it('does not believe the tags of those whom it does not trust', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two')
    await pushImage(one, 'a', { tag: '1' })
    await expectAnswer(await two.fetch('GET', '/v2/a/manifests/1'), {
      status: 404,
      error: 'MANIFEST_UNKNOWN',
    })
  })

  it.each([
    { trust: ['one'], lists: true },
    { trust: [], lists: false },
  ])('lists the referrers that others received, if it trusts them: $lists', async ({ trust, lists }) => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two', trust)
    const subject = await pushImage(one, 'a')
    const signature = await pushImage(one, 'a', {
      subject,
      artifactType: 'application/vnd.example.signature',
    })
    const response = await two.fetch('GET', `/v2/a/referrers/${subject.digest}`)
    const { manifests } = (await response.json()) as { manifests: { digest: string }[] }
    expect(manifests.map(({ digest }) => digest)).toEqual(lists ? [signature.digest] : [])
  })

  it('responds for what a peer holds though the disk has lost it', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two')
    const { digest } = await pushBlob(one, 'a', LAYER)
    await pushBlob(two, 'a', LAYER)
    await two.disk.delete(digest as Digest)
    const response = await two.fetch('GET', `/v2/a/blobs/${digest}`, { headers: { Range: 'bytes=-5' } })
    expect(response.status).toBe(206)
    expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(LAYER.subarray(-5)))).toBe(true)
    await expect.poll(() => two.disk.get(digest as Digest)).toBeDefined()
  })
})
