import { createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { unpackTar } from 'modern-tar'
import { describe, expect, it } from 'vitest'
import { type ExportOptions, exportImage } from '../../../../../src/core/archive/export/export-image.ts'
import { pushArchive } from '../../../../../src/core/archive/import/push-archive.ts'
import { readArchive } from '../../../../../src/core/archive/import/read-archive.ts'
import { type Client, createClient } from '../../../../../src/core/client/client.ts'
import { createFetch } from '../../../../../src/core/http/fetch.ts'
import {
  type InMemoryRegistry,
  ORIGIN,
  openInMemoryRegistry,
} from '../../../../support/in-memory-registry.ts'
import {
  digestOf,
  imageOf,
  pushBlob,
  pushConfig,
  pushImage,
  pushIndex,
  pushManifest,
} from '../../../../support/push.ts'
import { clientOf } from '../client.ts'

const amd64 = { platform: { os: 'linux', architecture: 'amd64' } }
const arm64 = { platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }

async function saved(client: Client, reference = '1', options: ExportOptions = {}) {
  const archive = await exportImage(client, 'team/app', reference, { createHash, ...options })
  const bytes = await new Response(archive.stream() as ReadableStream<Uint8Array<ArrayBuffer>>).bytes()
  expect(bytes.byteLength).toBe(archive.size)
  const entries = await unpackTar(bytes, { strict: true })
  const files = Object.fromEntries(entries.map(({ header, data }) => [header.name, data!]))
  return {
    archive,
    bytes,
    names: Object.keys(files),
    json: (name: string) => JSON.parse(Buffer.from(files[name]!).toString()),
  }
}

/** An index of two images, of which each has a layer of its own. */
async function pushTwo(registry: InMemoryRegistry) {
  const one = await pushImage(registry, 'team/app')
  const layer = await pushBlob(registry, 'team/app', 'layer of arm')
  const two = await pushManifest(
    registry,
    'team/app',
    imageOf(await pushConfig(registry, 'team/app', '{"a":1}'), [layer]),
  )
  const children = [
    { ...two, ...arm64 },
    { ...one, ...amd64 },
  ]
  return { index: await pushIndex(registry, 'team/app', children, { tag: '1' }), one, two }
}

describe('for docker load', () => {
  it('holds one image, as a list for Docker and as an OCI layout', async () => {
    await using registry = await openInMemoryRegistry()
    const { digest, mediaType, size } = await pushImage(registry, 'team/app', { tag: '1' })
    const { archive, names, json } = await saved(clientOf(registry))
    expect(archive.fileName).toBe('team_app_1.tar')
    const places = [digest, digestOf('{}'), digestOf('layer')].map(
      (digest) => `blobs/${digest.replace(':', '/')}`,
    )
    expect(names).toEqual(['oci-layout', 'index.json', 'manifest.json', ...places])
    expect(json('manifest.json')).toEqual([
      { Config: places[1], RepoTags: ['team/app:1'], Layers: [places[2]] },
    ])
    const annotations = {
      'io.containerd.image.name': 'docker.io/team/app:1',
      'org.opencontainers.image.ref.name': '1',
    }
    expect(json('index.json').manifests).toEqual([{ mediaType, digest, size, annotations }])
  })

  it.each([
    [{}, 'one'],
    [{ platform: 'linux/arm64' }, 'two'],
    [{ platform: 'linux/arm64/v8' }, 'two'],
    [{ preferred: 'linux/arm64' }, 'two'],
    [{ preferred: 'linux/s390x' }, 'two'],
  ] as const)('chooses from an index by %j', async (options, expected) => {
    await using registry = await openInMemoryRegistry()
    const pushed = await pushTwo(registry)
    const { json } = await saved(clientOf(registry), '1', options)
    expect(json('index.json').manifests[0].digest).toBe(pushed[expected].digest)
  })

  it('refuses a platform that is not there, a layer that is elsewhere, and what is unknown', async () => {
    await using registry = await openInMemoryRegistry({
      validation: { manifests: { urls: { allow: ['.'] } } },
    })
    await pushTwo(registry)
    const client = clientOf(registry)
    const foreign = {
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      digest: digestOf('foreign'),
      size: 7,
      urls: ['https://layers.example/1'],
    }
    await pushManifest(
      registry,
      'team/app',
      imageOf(await pushConfig(registry, 'team/app'), [foreign]),
      'foreign',
    )
    await expect(saved(client, '1', { platform: 'linux/386' })).rejects.toThrow(/no image for linux\/386/)
    await expect(saved(client, 'foreign')).rejects.toThrow(
      /is not in the registry; it has to be fetched from https:\/\/layers\.example\/1/,
    )
    await expect(saved(client, 'unknown')).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' })
  })

  it('has no name where it is asked for by digest', async () => {
    await using registry = await openInMemoryRegistry()
    const { digest } = await pushImage(registry, 'team/app')
    const { archive, json } = await saved(clientOf(registry), digest)
    expect(archive.fileName).toBe(`team_app_${digest.slice(7, 19)}.tar`)
    expect(json('manifest.json')[0].RepoTags).toEqual([])
    expect(json('index.json').manifests[0].annotations).toBeUndefined()
  })
})

describe('as an OCI layout', () => {
  it('holds all platforms, and what refers to the image', async () => {
    await using registry = await openInMemoryRegistry()
    const { index, one, two } = await pushTwo(registry)
    const signature = await pushImage(registry, 'team/app', { subject: index, artifactType: 'a/signature' })
    const ofSignature = await pushImage(registry, 'team/app', { subject: signature })
    const { archive, names, json } = await saved(clientOf(registry), '1', { format: 'oci' })
    expect(archive.fileName).toBe('team_app_1.oci.tar')
    const manifests = [index, signature, ofSignature].map(({ digest }) => digest)
    expect(json('index.json').manifests.map(({ digest }: { digest: string }) => digest)).toEqual(manifests)
    for (const digest of [...manifests, one.digest, two.digest, digestOf('layer of arm')]) {
      expect(names).toContain(`blobs/${digest.replace(':', '/')}`)
    }
    expect(names).not.toContain('manifest.json')
  })

  it('leaves out images of which something is not held', async () => {
    const validation = { manifests: { blobs: 'none', indexes: { platforms: 'none' } } }
    await using registry = await openInMemoryRegistry({ validation })
    const { one, two } = await pushTwo(registry)
    await registry.fetch('DELETE', `/v2/team/app/blobs/${digestOf('layer of arm')}`)
    const { names, json } = await saved(clientOf(registry), '1', { format: 'oci' })
    expect(names).toContain(`blobs/${one.digest.replace(':', '/')}`)
    expect(names).not.toContain(`blobs/${two.digest.replace(':', '/')}`)
    expect(json('index.json').manifests).toHaveLength(1)
  })
})

describe('an index that names blobs', () => {
  async function pushCache(registry: InMemoryRegistry) {
    const layer = await pushBlob(registry, 'team/app', 'layer of a cache')
    const config = await pushBlob(registry, 'team/app', '{"a":2}', 'application/vnd.buildkit.cacheconfig.v0')
    return [layer, config]
  }

  it.each([
    ['and nothing else', async () => []],
    [
      'beside images',
      async (registry: InMemoryRegistry) => [{ ...(await pushImage(registry, 'team/app')), ...amd64 }],
    ],
    [
      'beside an image whose type it does not say',
      async (registry: InMemoryRegistry) => [
        { ...(await pushImage(registry, 'team/app')), ...amd64, mediaType: '' },
      ],
    ],
  ])('%s is saved and pushed again', async (_, others) => {
    await using from = await openInMemoryRegistry()
    await using to = await openInMemoryRegistry()
    const children = [...(await pushCache(from)), ...(await others(from))]
    const inner = await pushIndex(from, 'team/app', children, { tag: '1' })
    const { digest } = await pushIndex(from, 'team/app', [inner, children[0]!], { tag: '2' })
    for (const [reference, expected] of [
      ['1', inner.digest],
      ['2', digest],
    ] as const) {
      const { bytes, names } = await saved(clientOf(from), reference, { format: 'oci' })
      for (const child of children) expect(names).toContain(`blobs/${child.digest.replace(':', '/')}`)
      const archive = await readArchive(new Blob([bytes]))
      const [image] = await pushArchive(archive, clientOf(to))
      expect(image).toEqual({ repository: 'team/app', tags: [reference], digest: expected })
      expect((await saved(clientOf(to), reference, { format: 'oci' })).bytes).toEqual(bytes)
    }
  })

  it('is for docker load where an image is in it', async () => {
    await using registry = await openInMemoryRegistry()
    const image = { ...(await pushImage(registry, 'team/app')), ...amd64 }
    const children = await pushCache(registry)
    await pushIndex(registry, 'team/app', children, { tag: 'cache' })
    await expect(saved(clientOf(registry), 'cache')).rejects.toThrow(/lists only blobs and no image/)
    for (const mediaType of [image.mediaType, '']) {
      await pushIndex(registry, 'team/app', [...children, { ...image, mediaType }], { tag: '1' })
      const { json } = await saved(clientOf(registry))
      expect(json('index.json').manifests).toMatchObject([{ digest: image.digest }])
    }
  })

  it('is not saved in part', async () => {
    await using registry = await openInMemoryRegistry()
    const [layer, config] = await pushCache(registry)
    await pushIndex(registry, 'team/app', [layer!, config!], { tag: '1' })
    await registry.fetch('DELETE', `/v2/team/app/blobs/${layer!.digest}`)
    const message = `${layer!.digest} is neither in the registry nor at one of its peers; push the image again`
    const refused = saved(clientOf(registry), '1', { format: 'oci' })
    await expect(refused).rejects.toMatchObject({ code: 'BLOB_UNKNOWN', message, detail: layer!.digest })
  })
})

describe('a saved image that is pushed again', () => {
  it.each(['docker', 'oci'] as const)('keeps its digests (%s)', async (format) => {
    await using from = await openInMemoryRegistry()
    await using to = await openInMemoryRegistry()
    const pushed = await pushTwo(from)
    const { bytes } = await saved(clientOf(from), '1', { format })
    const [image] = await pushArchive(await readArchive(new Blob([bytes])), clientOf(to))
    const digest = (format === 'docker' ? pushed.one : pushed.index).digest
    expect(image).toEqual({ repository: 'team/app', tags: ['1'], digest })
    expect((await saved(clientOf(to), '1', { format })).bytes).toEqual(bytes)
  })

  it('also by sha512, whose places have long names', async () => {
    await using from = await openInMemoryRegistry()
    await using to = await openInMemoryRegistry()
    const layer = await pushBlob(from, 'team/app', 'layer', undefined, 'sha512')
    const { digest } = await pushManifest(
      from,
      'team/app',
      imageOf(await pushConfig(from, 'team/app'), [layer]),
      '1',
    )
    const { bytes } = await saved(clientOf(from))
    const [image] = await pushArchive(await readArchive(new Blob([bytes])), clientOf(to))
    expect(image!.digest).toBe(digest)
  })
})

describe('a blob with other bytes', () => {
  it.each([
    ['other', 'DIGEST_INVALID'],
    ['longer than it was', 'SIZE_INVALID'],
    ['s', 'SIZE_INVALID'],
  ])('breaks the archive off: %s', async (bytes, code) => {
    await using registry = await openInMemoryRegistry()
    await pushImage(registry, 'team/app', { tag: '1' })
    const fetch = createFetch(registry.registry)
    const lying = async (request: Request) => {
      const isLayer = request.method === 'GET' && request.url.endsWith(digestOf('layer'))
      return isLayer ? new Response(bytes) : fetch(request)
    }
    const client = createClient({ fetch: lying, base: ORIGIN })
    const archive = await exportImage(client, 'team/app', '1', { createHash })
    await expect(text(archive.stream())).rejects.toMatchObject({ code })
  })
})
