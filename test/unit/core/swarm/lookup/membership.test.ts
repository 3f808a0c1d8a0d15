/** A digest is brought from peers only to a repository that it belongs to, so that no name is made by asking. */
import { describe, expect, it } from 'vitest'
import type { Digest } from '../../../../../src/core/oci/digest.ts'
import { OCI_MANIFEST } from '../../../../../src/core/oci/media-type.ts'
import type { InMemoryRegistry } from '../../../../support/in-memory-registry.ts'
import { chunks, createMemoryNetwork } from '../../../../support/memory-network.ts'
import {
  digestOf,
  imageOf,
  pushBlob,
  pushConfig,
  pushImage,
  pushIndex,
  pushManifest,
} from '../../../../support/push.ts'
import { openPeer } from '../open-peer.ts'

const LAYER = digestOf('layer')

const statusOf = async (registry: InMemoryRegistry, path: string, method = 'GET'): Promise<number> =>
  (await registry.fetch(method, path)).status

async function expectNoRepository({ store, fetch }: InMemoryRegistry, name: string): Promise<void> {
  expect(await store.catalog.repositories.exists(name)).toBe(false)
  const { repositories } = (await (await fetch('GET', '/v2/_catalog')).json()) as { repositories: string[] }
  expect(repositories).not.toContain(name)
}

describe('under a name that nobody has', () => {
  it.each(['GET', 'HEAD'])('%s of a digest finds nothing, and makes no repository', async (method) => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two', ['one'])
    const image = await pushImage(one, 'one', { tag: '1' })
    const { digest: index } = await pushIndex(one, 'one', [image])
    await pushImage(one, 'one', { subject: image, artifactType: 'application/vnd.example.signature' })
    for (const path of [`manifests/${image.digest}`, `manifests/${index}`, 'manifests/1', `blobs/${LAYER}`])
      expect(await statusOf(two, `/v2/two/${path}`, method), path).toBe(404)
    const referrers = await two.fetch('GET', `/v2/two/referrers/${image.digest}`)
    expect(await referrers.json()).toMatchObject({ manifests: [] })
    await expectNoRepository(two, 'two')
  })

  it('nor does what this registry has in another repository', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two')
    const { digest } = await pushImage(one, 'one')
    await pushImage(two, 'one')
    for (const path of [`manifests/${digest}`, `blobs/${LAYER}`])
      expect(await statusOf(two, `/v2/two/${path}`), path).toBe(404)
    await expectNoRepository(two, 'two')
  })

  it('nor does what is on its way here for another repository', async () => {
    const network = createMemoryNetwork()
    await using two = await openPeer(network, 'two')
    const asked = Promise.withResolvers<void>()
    const may = Promise.withResolvers<void>()
    const offer = { size: 5 }
    network.join('slow', async ({ ask, repositories }: { ask: string; repositories?: string[] }) => {
      if (ask === 'have') return { value: { offers: [repositories?.includes('two') ? null : offer] } }
      if (ask === 'turn') throw new Error('knows of no turns')
      asked.resolve()
      await may.promise
      return { value: { size: 5, length: 5 }, body: chunks('layer') }
    })
    const waiting = two.fetch('GET', `/v2/one/blobs/${LAYER}`)
    await asked.promise
    expect(await statusOf(two, `/v2/two/blobs/${LAYER}`)).toBe(404)
    may.resolve()
    expect(await (await waiting).text()).toBe('layer')
    await expectNoRepository(two, 'two')
  })

  it('nor does a repository that the peer does not share, also under its own name', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one', [], { deny: ['team/.*'] })
    await using two = await openPeer(network, 'two', ['one'])
    const { digest } = await pushImage(one, 'team/app', { tag: '1' })
    await pushImage(one, 'open')
    for (const path of [`manifests/${digest}`, 'manifests/1', `blobs/${LAYER}`])
      expect(await statusOf(two, `/v2/team/app/${path}`), path).toBe(404)
    await expectNoRepository(two, 'team/app')
    expect(await statusOf(two, `/v2/open/manifests/${digest}`)).toBe(200)
  })

  it('nor do peers of IPFS at large, which know no repositories', async () => {
    const bytes = Buffer.from('layer')
    const blocks = { peers: () => ['ipfs'], get: async () => new Uint8Array(bytes) }
    await using two = await openPeer(createMemoryNetwork(), 'two', [], { blocks })
    expect(await statusOf(two, `/v2/two/blobs/${LAYER}`)).toBe(404)
    await expectNoRepository(two, 'two')
    await pushImage(two, 'a')
    await two.disk.delete(LAYER as Digest)
    expect(await statusOf(two, `/v2/a/blobs/${LAYER}`)).toBe(200)
  })
})

describe('a digest belongs to a repository', () => {
  it('that a peer has it in', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two')
    const { digest } = await pushImage(one, 'a')
    expect(await statusOf(two, `/v2/a/manifests/${digest}`, 'HEAD')).toBe(200)
    expect(await statusOf(two, `/v2/a/blobs/${LAYER}`)).toBe(200)
    await pushImage(one, 'b')
    expect(await statusOf(two, `/v2/b/blobs/${LAYER}`)).toBe(200)
  })

  it('where a manifest that is here names it, whatever peers call it', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two')
    const image = await pushImage(one, 'a')
    const { digest } = await pushIndex(one, 'a', [image])
    expect(await statusOf(two, `/v2/a/manifests/${digest}`)).toBe(200)
    await using three = await openPeer(network, 'three')
    await pushImage(three, 'elsewhere')
    await one.store.manifests.delete('a', image.digest as Digest)
    await one.store.blobs.delete('a', LAYER as Digest)
    expect(await statusOf(two, `/v2/a/manifests/${image.digest}`)).toBe(200)
    expect(await statusOf(two, `/v2/a/blobs/${LAYER}`)).toBe(200)
  })

  it('that the tag of a trusted peer names, wherever it comes from', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two', ['one'])
    await using three = await openPeer(network, 'three')
    const { digest } = await pushImage(one, 'a', { tag: '1' })
    await pushImage(three, 'elsewhere')
    await one.disk.delete(digest as Digest)
    expect(await statusOf(two, '/v2/a/manifests/1')).toBe(200)
  })

  it('where its image is, of what is attached to that', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two', ['one'])
    await pushImage(two, 'a')
    const subject = await pushImage(one, 'elsewhere')
    const signed = await pushBlob(one, 'elsewhere', 'signature')
    const config = await pushConfig(one, 'elsewhere')
    const { digest } = await pushManifest(one, 'elsewhere', { ...imageOf(config, [signed]), subject })
    const referrers = await two.fetch('GET', `/v2/a/referrers/${subject.digest}`)
    expect(await referrers.json()).toMatchObject({ manifests: [{ digest }] })
    expect(await statusOf(two, `/v2/a/blobs/${signed.digest}`)).toBe(200)
  })

  it.each(['library/alpine', 'docker.io/library/alpine'])(
    'of another registry (ns), at a peer %s',
    async (name) => {
      const network = createMemoryNetwork()
      await using one = await openPeer(network, 'one')
      await using two = await openPeer(network, 'two')
      const { digest } = await pushImage(one, name)
      expect(await statusOf(two, `/v2/library/alpine/manifests/${digest}?ns=docker.io`)).toBe(200)
      expect(await statusOf(two, `/v2/library/alpine/blobs/${LAYER}?ns=docker.io`)).toBe(200)
    },
  )

  it('of another registry, and not because a name looks like it', async () => {
    const network = createMemoryNetwork()
    await using one = await openPeer(network, 'one')
    await using two = await openPeer(network, 'two')
    const { digest } = await pushImage(one, 'app')
    expect(await statusOf(two, `/v2/my.team/app/manifests/${digest}`)).toBe(404)
    expect(await statusOf(two, `/v2/other/manifests/${digest}?ns=docker.io`)).toBe(404)
    for (const name of ['my.team/app', 'docker.io/other', 'other']) await expectNoRepository(two, name)
  })

  it('for a peer that is older than the field', async () => {
    const network = createMemoryNetwork()
    await using two = await openPeer(network, 'two')
    const text = JSON.stringify(imageOf({ ...(await pushConfig(two, 'a')) }, []))
    network.join('old', ({ ask }: { ask: string }) =>
      ask === 'have'
        ? { value: { offers: [{ size: text.length, mediaType: OCI_MANIFEST }] } }
        : { value: { size: text.length, length: text.length }, body: chunks(text) },
    )
    expect(await statusOf(two, `/v2/b/manifests/${digestOf(text)}`)).toBe(200)
  })
})
