/**
 * An index may name anything: a child is a manifest by its type, or whatever of its digest is in the repository. BuildKit
 * exports its cache as an index of layers and one blob of its own.
 *
 * @see https://github.com/moby/buildkit/blob/v0.20.0/cache/remotecache/export.go
 */
import { describe, expect, it } from 'vitest'
import type { Descriptor } from '../../../../src/core/oci/descriptor.ts'
import { DOCKER_LIST, OCI_INDEX, OCI_MANIFEST } from '../../../../src/core/oci/media-type.ts'
import { expectAnswer } from '../../../support/calls.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import {
  descriptorOf,
  digestOf,
  imageOf,
  indexOf,
  pushBlob,
  pushConfig,
  pushImage,
} from '../../../support/push.ts'

const CACHE_CONFIG = 'application/vnd.buildkit.cacheconfig.v0'
const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'
const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip'

const cacheConfig = JSON.stringify({
  layers: [{ blob: digestOf('layer'), parent: -1 }],
  records: [{ results: [{ layer: 0, createdAt: '2024-05-01T10:11:12.1Z' }], digest: digestOf('record') }],
})

/** As BuildKit writes them: the layers with annotations, its config last. */
const cacheOf = (layerType: string): Descriptor[] => [
  {
    ...descriptorOf('layer', layerType),
    annotations: {
      'buildkit/createdat': '2024-05-01T10:11:12.1Z',
      'containerd.io/uncompressed': digestOf('layer'),
    },
  },
  descriptorOf(cacheConfig, CACHE_CONFIG),
]

const put = (registry: InMemoryRegistry, manifest: object, type: string, tag = 'cache') =>
  registry.fetch('PUT', `/v2/a/manifests/${tag}`, {
    headers: { 'Content-Type': type },
    body: JSON.stringify(manifest),
  })

const putIndex = (registry: InMemoryRegistry, children: readonly object[], mediaType = OCI_INDEX) =>
  put(registry, { ...indexOf(children as Descriptor[]), mediaType }, mediaType)

async function pushCache(registry: InMemoryRegistry, repository = 'a'): Promise<void> {
  await pushBlob(registry, repository, 'layer')
  await pushBlob(registry, repository, cacheConfig)
}

describe('BuildKit’s cache', () => {
  it.each([
    [OCI_INDEX, OCI_LAYER],
    [DOCKER_LIST, DOCKER_LAYER],
  ])('is pushed and imported as %s', async (type, layerType) => {
    await using registry = await openInMemoryRegistry()
    await pushCache(registry)
    const index = { schemaVersion: 2, mediaType: type, manifests: cacheOf(layerType) }
    await expectAnswer(await put(registry, index, type), { status: 201 })
    const Accept = [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST].join(', ')
    const pulled = await registry.fetch('GET', '/v2/a/manifests/cache', { headers: { Accept } })
    await expectAnswer(pulled, {
      status: 200,
      text: JSON.stringify(index),
      answers: { 'Content-Type': type },
    })
    for (const [content, { digest }] of [
      [cacheConfig, index.manifests[1]!],
      ['layer', index.manifests[0]!],
    ] as const) {
      await expectAnswer(await registry.fetch('HEAD', `/v2/a/blobs/${digest}`), { status: 200 })
      await expectAnswer(await registry.fetch('GET', `/v2/a/blobs/${digest}`), { status: 200, text: content })
      await expectAnswer(await registry.fetch('GET', `/v2/a/manifests/${digest}`), { status: 404 })
    }
  })

  it.each([
    ['some layers', cacheOf(OCI_LAYER).slice(0, 1)],
    ['no layers, which Go writes as null', null],
  ])('is pushed as an image manifest of %s', async (_, layers) => {
    await using registry = await openInMemoryRegistry()
    await pushCache(registry)
    const manifest = { ...imageOf(descriptorOf(cacheConfig, CACHE_CONFIG), []), layers }
    await expectAnswer(await put(registry, manifest, OCI_MANIFEST), { status: 201 })
  })

  it.each([OCI_INDEX, DOCKER_LIST])(
    'is refused in %s while a blob is missing, which is named',
    async (type) => {
      await using registry = await openInMemoryRegistry()
      const children = cacheOf(OCI_LAYER)
      await pushBlob(registry, 'a', 'layer')
      const refused = { status: 400, error: 'MANIFEST_BLOB_UNKNOWN', detail: children[1]!.digest } as const
      await expectAnswer(await putIndex(registry, children, type), refused)
      await pushCache(registry, 'b')
      await expectAnswer(await putIndex(registry, children, type), refused)
      await pushCache(registry)
      await expectAnswer(await putIndex(registry, children, type), { status: 201 })
    },
  )

  it('goes with its tag, and its blobs by themselves', async () => {
    await using registry = await openInMemoryRegistry()
    await pushCache(registry)
    const children = cacheOf(OCI_LAYER)
    const { digest } = descriptorOf(JSON.stringify(indexOf(children)), OCI_INDEX)
    await putIndex(registry, children)
    await expectAnswer(await registry.fetch('DELETE', `/v2/a/manifests/${digest}`), { status: 202 })
    await expectAnswer(await registry.fetch('GET', '/v2/a/manifests/cache'), { status: 404 })
    await expectAnswer(await registry.fetch('DELETE', `/v2/a/blobs/${children[0]!.digest}`), { status: 202 })
    expect(await registry.disk.get(children[0]!.digest as never)).toBeUndefined()
    await expectAnswer(await putIndex(registry, children), { status: 400, error: 'MANIFEST_BLOB_UNKNOWN' })
  })
})

const AMD64 = { platform: { os: 'linux', architecture: 'amd64' } }

describe('a child of an index', () => {
  it.each([
    '',
    null,
    undefined,
    'application/vnd.example+json',
    'application/vnd.oci.image.config.v1+json',
    'x',
  ])('of the type %j is there as a blob or as a manifest', async (mediaType) => {
    await using registry = await openInMemoryRegistry()
    const blob = { ...(await pushBlob(registry, 'a', 'blob')), mediaType }
    const image = { ...(await pushImage(registry, 'a')), mediaType }
    await expectAnswer(await putIndex(registry, [blob, image]), { status: 201 })
    const absent = { ...descriptorOf('absent', ''), mediaType }
    const refused = await putIndex(registry, [blob, absent, image])
    await expectAnswer(refused, { status: 400, error: 'MANIFEST_BLOB_UNKNOWN', detail: absent.digest })
  })

  it.each([OCI_MANIFEST, OCI_INDEX, DOCKER_LIST])('of the type %s is no blob', async (mediaType) => {
    await using registry = await openInMemoryRegistry()
    const child = { ...(await pushBlob(registry, 'a', 'blob')), mediaType }
    await expectAnswer(await putIndex(registry, [child]), { status: 400, error: 'MANIFEST_BLOB_UNKNOWN' })
  })

  it('may be of any kind beside images', async () => {
    await using registry = await openInMemoryRegistry()
    const image = { ...(await pushImage(registry, 'a')), ...AMD64 }
    const sbom = await pushBlob(registry, 'a', '<xml/>', 'application/xml')
    const config = await pushConfig(registry, 'a', '{"a":1}')
    await expectAnswer(await putIndex(registry, [sbom, image, config]), { status: 201 })
  })

  it('that is a non-distributable layer need not be here, if its URLs are allowed', async () => {
    const urls = { allow: ['^https://layers[.]example/'] }
    await using registry = await openInMemoryRegistry({ validation: { manifests: { urls } } })
    const foreign = descriptorOf('foreign', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip')
    const putAt = (url: string) => putIndex(registry, [{ ...foreign, urls: [url] }], DOCKER_LIST)
    await expectAnswer(await putAt('https://layers.example/1'), { status: 201 })
    await expectAnswer(await putAt('https://else.example/1'), { status: 400, error: 'MANIFEST_INVALID' })
  })

  it.each([
    ['none', [], 201],
    ['list', [AMD64.platform], 201],
    ['list', [], 400],
    ['all', [], 400],
  ])('need not be here where the configuration says so: %s %j', async (platforms, platformlist, status) => {
    const indexes = { platforms, platformlist }
    await using registry = await openInMemoryRegistry({ validation: { manifests: { indexes } } })
    await expectAnswer(await putIndex(registry, cacheOf(OCI_LAYER)), { status })
  })

  it('is not looked for where nothing is validated', async () => {
    await using registry = await openInMemoryRegistry({ validation: { disabled: true } })
    await expectAnswer(await putIndex(registry, cacheOf(OCI_LAYER)), { status: 201 })
  })
})
