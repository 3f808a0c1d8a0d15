import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import type { ArchiveProgress } from '../../../../../src/core/archive/import/progress.ts'
import { pushArchive } from '../../../../../src/core/archive/import/push-archive.ts'
import { readArchive } from '../../../../../src/core/archive/import/read-archive.ts'
import { createClient } from '../../../../../src/core/client/client.ts'
import { createFetch } from '../../../../../src/core/http/fetch.ts'
import { ORIGIN, openInMemoryRegistry } from '../../../../support/in-memory-registry.ts'
import { digestOf, pushBlob } from '../../../../support/push.ts'
import { type RemoteCall, remoteAt } from '../../../../support/remote.ts'
import { clientOf, textOf } from '../client.ts'
import {
  blobOf,
  configOf,
  descriptorOf,
  dockerSave,
  type Entries,
  INDEX,
  indexOf,
  layoutOf,
  MANIFEST,
  manifestOf,
  named,
  tagged,
  tarOf,
} from '../tars.ts'

const LAYERS = ['one', 'two']
const config = configOf(LAYERS)
const manifest = manifestOf(config, LAYERS)

const saves: Record<string, Entries> = {
  plain: dockerSave(),
  'with directories': [['0/', { type: 'directory' }], ['1/', { type: 'directory' }], ...dockerSave()],
  'with symbolic links': [
    ...dockerSave({ paths: ['x/layer.tar', '1/layer.tar'] }),
    ['x/layer.tar', { type: 'symlink', linkname: '../0/layer.tar' }],
  ],
  'with hard links': [
    ...dockerSave({ paths: ['x/layer.tar', '1/layer.tar'] }),
    ['x/layer.tar', { type: 'link', linkname: '0/layer.tar' }],
  ],
  'with links to links': [
    ...dockerSave({ paths: ['a', './x/../b/c'] }),
    ['a', { type: 'symlink', linkname: './x/b' }],
    ['x/b', { type: 'link', linkname: './x/c' }],
    ['x/c', { type: 'symlink', linkname: '../d/../0/./layer.tar' }],
    ['b/c', { type: 'symlink', linkname: '../e' }],
    ['e', { type: 'link', linkname: '1/layer.tar' }],
  ],
  'with folders that are links': [
    ...dockerSave({ paths: ['a/b/layer.tar', 'a/c/layer.tar'] }),
    ['a', { type: 'symlink', linkname: 'd' }],
    ['d/b', { type: 'symlink', linkname: '../0' }],
    ['d/c', { type: 'symlink', linkname: '../1/' }],
  ],
  'with forty links': [
    ...dockerSave({ paths: ['link0', '1/layer.tar'] }),
    ...Array.from(
      { length: 40 },
      (_, at) =>
        [`link${at}`, { type: 'symlink', linkname: at < 39 ? `link${at + 1}` : '0/layer.tar' }] as const,
    ),
  ],
  'with a layer that was another one before': [['0/layer.tar', 'of old'], ...dockerSave()],
  'with a list that was another one before': [['manifest.json', '[]'], ...dockerSave()],
  'with a config that was another one before': [['./config.json', '{}'], ...dockerSave()],
  'with a layer that was a link before': [
    ['1/layer.tar', { type: 'link', linkname: '0/layer.tar' }],
    ...dockerSave(),
  ],
  'with a link that was a layer before': [
    ...dockerSave({ paths: ['x/layer.tar', '1/layer.tar'] }),
    ['x/layer.tar', 'of old'],
    ['x/layer.tar', { type: 'link', linkname: '0/layer.tar' }],
  ],
  'with a dot before the names': dockerSave().map(([name, content]) => [`./${name}`, content] as const),
}

it.each(Object.entries(saves))('what docker save wrote: %s', async (_, entries) => {
  await using registry = await openInMemoryRegistry()
  const archive = await readArchive(await blobOf(entries))
  const [pushed] = await pushArchive(archive, clientOf(registry))
  expect(pushed).toEqual({ repository: 'app', tags: ['1'], digest: digestOf(manifest) })
  expect(await textOf(await registry.fetch('GET', '/v2/app/manifests/1'))).toBe(manifest)
  for (const blob of [config, ...LAYERS]) {
    expect(await textOf(await registry.fetch('GET', `/v2/app/blobs/${digestOf(blob)}`))).toBe(blob)
  }
})

it('layers that are compressed become what they were, so that the image keeps its digest', async () => {
  const compressed = new Uint8Array(gzipSync('one'))
  const entries = dockerSave().map(
    ([name, content]) => [name, name === '0/layer.tar' ? compressed : content] as const,
  )
  const tar = await tarOf(entries)
  for (const blob of [new Blob([tar]), new Blob([gzipSync(tar)])]) {
    await using registry = await openInMemoryRegistry()
    const [pushed] = await pushArchive(await readArchive(blob), clientOf(registry))
    expect(pushed!.digest).toBe(digestOf(manifest))
    expect(await textOf(await registry.fetch('GET', `/v2/app/blobs/${digestOf('one')}`))).toBe('one')
  }
})

it('an archive that is compressed', async () => {
  await using registry = await openInMemoryRegistry()
  const archive = await readArchive(new Blob([gzipSync(await tarOf(dockerSave()))]))
  await pushArchive(archive, clientOf(registry))
  expect(await textOf(await registry.fetch('GET', '/v2/app/manifests/1'))).toBe(manifest)
})

it('several images, which share blobs by mounts', async () => {
  await using registry = await openInMemoryRegistry()
  const asked: string[] = []
  const fetch = createFetch(registry.registry)
  const client = createClient({
    base: ORIGIN,
    fetch: (request) => {
      asked.push(`${request.method} ${new URL(request.url).pathname}`)
      return fetch(request)
    },
  })
  const archive = await readArchive(
    await blobOf(dockerSave({ tags: ['app:1', 'app:2', 'ghcr.io/team/tool:3'] })),
  )
  const pushed = await pushArchive(archive, client)
  expect(pushed).toEqual([
    { repository: 'app', tags: ['1', '2'], digest: digestOf(manifest) },
    { repository: 'team/tool', tags: ['3'], digest: digestOf(manifest) },
  ])
  expect(asked.filter((call) => call.startsWith('PUT /v2/team/tool/blobs'))).toEqual([])
})

it('a layout with an index in it, children first', async () => {
  const arm = configOf(['arm'], { architecture: 'arm64' })
  const armManifest = manifestOf(arm, ['arm'])
  const children = [
    descriptorOf(manifest, MANIFEST, { platform: { os: 'linux', architecture: 'amd64' } }),
    descriptorOf(armManifest, MANIFEST, { platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }),
  ]
  const index = indexOf(children)
  const blobs = [index, manifest, armManifest, config, arm, ...LAYERS, 'arm']
  const root = descriptorOf(index, INDEX, named('docker.io/library/app:1'))
  await using registry = await openInMemoryRegistry()
  const archive = await readArchive(await blobOf(layoutOf([root], blobs)))
  expect(archive.images).toEqual([
    {
      digest: digestOf(index),
      mediaType: INDEX,
      size: config.length + arm.length + 'onetwoarm'.length,
      platforms: ['linux/amd64', 'linux/arm64/v8'],
      names: [{ repository: 'app', tag: '1' }],
    },
  ])
  await pushArchive(archive, clientOf(registry))
  expect(await textOf(await registry.fetch('GET', '/v2/app/manifests/1'))).toBe(index)
  expect(await textOf(await registry.fetch('GET', `/v2/app/manifests/${digestOf(armManifest)}`))).toBe(
    armManifest,
  )
})

const CACHE_CONFIG = 'application/vnd.buildkit.cacheconfig.v0'
const cacheConfig = '{"layers":[{"blob":"sha256:0","parent":-1}],"records":[]}'

const cacheIndex = indexOf([
  descriptorOf('one', 'application/vnd.oci.image.layer.v1.tar+gzip'),
  descriptorOf('two', 'application/vnd.oci.image.layer.v1.tar+gzip'),
  descriptorOf(cacheConfig, CACHE_CONFIG),
])

const cacheImage = JSON.stringify({
  ...JSON.parse(manifest),
  config: descriptorOf(cacheConfig, CACHE_CONFIG),
})

it.each([
  ['as an index', cacheIndex, INDEX],
  ['as an image', cacheImage, MANIFEST],
])('a cache that BuildKit exported to a folder, %s', async (_, root, mediaType) => {
  const layout = layoutOf([descriptorOf(root, mediaType, tagged('latest'))], [root, cacheConfig, ...LAYERS])
  for (const file of [await blobOf(layout), new Blob([gzipSync(await tarOf(layout))])]) {
    await using registry = await openInMemoryRegistry()
    const archive = await readArchive(file, { name: 'cache.tar' })
    const size = cacheConfig.length + 'onetwo'.length
    expect(archive.images).toMatchObject([{ digest: digestOf(root), mediaType, size, platforms: [] }])
    await pushArchive(archive, clientOf(registry))
    expect(await textOf(await registry.fetch('GET', '/v2/cache/manifests/latest'))).toBe(root)
    for (const blob of [cacheConfig, ...LAYERS])
      expect(await textOf(await registry.fetch('GET', `/v2/cache/blobs/${digestOf(blob)}`))).toBe(blob)
  }
})

it('an index in a layout that names a blob which is nowhere', async () => {
  await using registry = await openInMemoryRegistry()
  const layout = layoutOf([descriptorOf(cacheIndex, INDEX, named('app:1'))], [cacheIndex, 'one', 'two'])
  const pushed = pushArchive(await readArchive(await blobOf(layout)), clientOf(registry))
  await expect(pushed).rejects.toThrow(
    `${digestOf(cacheConfig)} is neither in the archive nor in the registry`,
  )
})

const nulls = { annotations: null, urls: null, platform: null, artifactType: null, data: null }
const untyped = indexOf([descriptorOf(manifest, ''), descriptorOf('one', '')])

it.each<[string, readonly object[], object]>([
  ['null in each place', [descriptorOf(manifest, MANIFEST, nulls)], { annotations: null, mediaType: null }],
  ['null for a type', [{ ...descriptorOf(manifest, ''), mediaType: null }], {}],
  ['an empty type', [descriptorOf(manifest, '')], { mediaType: '' }],
  ['a type of no manifest', [descriptorOf(manifest, 'application/json')], {}],
  [
    'files of other kinds beside',
    [descriptorOf('one', 'application/xml'), descriptorOf(manifest, MANIFEST)],
    {},
  ],
  [
    'null for a name',
    [descriptorOf(manifest, MANIFEST, { annotations: { 'io.containerd.image.name': null } })],
    {},
  ],
  ['an index of no types', [descriptorOf(untyped, INDEX)], {}],
])('a layout that says %s', async (_, children, more) => {
  await using registry = await openInMemoryRegistry()
  const layout = layoutOf(children, [manifest, untyped, config, ...LAYERS]).map(([name, content]) => {
    const isIndex = name === 'index.json'
    return [name, isIndex ? JSON.stringify({ ...JSON.parse(`${content}`), ...more }) : content] as const
  })
  const archive = await readArchive(await blobOf(layout), { name: 'app.tar' })
  expect(archive.images).toHaveLength(1)
  const [{ digest } = {}] = await pushArchive(archive, clientOf(registry))
  await textOf(await registry.fetch('GET', '/v2/app/manifests/latest'))
  expect(digest).toBe(archive.images[0]!.digest)
  await textOf(await registry.fetch('GET', `/v2/app/manifests/${digestOf(manifest)}`))
})

it('the one image that is there, of an index that the registry does not take without the others', async () => {
  const missing = { ...descriptorOf('missing', MANIFEST), platform: { os: 'linux', architecture: 'arm64' } }
  const attestation = manifestOf('{}', [])
  const index = indexOf([
    descriptorOf(manifest, MANIFEST, { platform: { os: 'linux', architecture: 'amd64' } }),
    descriptorOf(attestation, MANIFEST, { platform: { os: 'unknown', architecture: 'unknown' } }),
    missing,
  ])
  const entries = layoutOf(
    [descriptorOf(index, INDEX, named('app:1'))],
    [index, manifest, attestation, config, '{}', ...LAYERS],
  )
  for (const platforms of ['all', 'none']) {
    await using registry = await openInMemoryRegistry({
      validation: { manifests: { indexes: { platforms } } },
    })
    const [pushed] = await pushArchive(await readArchive(await blobOf(entries)), clientOf(registry))
    const expected = platforms === 'all' ? manifest : index
    expect(pushed!.digest).toBe(digestOf(expected))
    expect(await textOf(await registry.fetch('GET', '/v2/app/manifests/1'))).toBe(expected)
  }
})

it('an image whose other blobs the registry has', async () => {
  await using registry = await openInMemoryRegistry()
  const entries = layoutOf([descriptorOf(manifest, MANIFEST, named('app:1'))], [manifest, config, 'one'])
  const archive = await readArchive(await blobOf(entries))
  await expect(pushArchive(archive, clientOf(registry))).rejects.toThrow(
    `${digestOf('two')} is neither in the archive nor in the registry`,
  )
  await pushBlob(registry, 'app', 'two')
  await pushArchive(archive, clientOf(registry))
  expect(await textOf(await registry.fetch('GET', '/v2/app/manifests/1'))).toBe(manifest)
})

it('says which file has another digest', async () => {
  await using registry = await openInMemoryRegistry()
  const entries = dockerSave().map(
    ([name, content]) => [name, name === '1/layer.tar' ? 'bad' : content] as const,
  )
  const pushing = pushArchive(await readArchive(await blobOf(entries)), clientOf(registry))
  await expect(pushing).rejects.toMatchObject({
    code: 'DIGEST_INVALID',
    message: `"1/layer.tar" is damaged: its digest is not ${digestOf('two')}; save the image again`,
  })
  expect((await registry.fetch('GET', '/v2/app/manifests/1')).status).toBe(404)
})

it('tells the progress, also of what is there already', async () => {
  await using registry = await openInMemoryRegistry()
  await pushBlob(registry, 'app', 'one')
  const told: ArchiveProgress[] = []
  const archive = await readArchive(await blobOf(dockerSave()))
  await pushArchive(archive, clientOf(registry), { onProgress: (progress) => told.push(progress) })
  const total = config.length + 'onetwo'.length
  expect(told[0]).toEqual({ done: 0, total })
  expect(told.at(-1)).toEqual({ done: total, total })
  expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).sort((one, other) => one - other))
})

it('takes what it has itself from nowhere else, but from another repository', async () => {
  const asked: RemoteCall[] = []
  await using peer = await openInMemoryRegistry()
  await using registry = await openInMemoryRegistry(undefined, remoteAt(peer, asked))
  for (const blob of LAYERS) await pushBlob(peer, 'app', blob)
  await pushBlob(registry, 'other', 'one')
  const archive = await readArchive(await blobOf(dockerSave()))
  await pushArchive(archive, clientOf(registry))
  expect(asked).toEqual([])
  expect(await textOf(await registry.fetch('GET', '/v2/app/manifests/1'))).toBe(manifest)
})

it('stops when told to', async () => {
  await using registry = await openInMemoryRegistry()
  const archive = await readArchive(await blobOf(dockerSave()))
  const pushing = pushArchive(archive, clientOf(registry), { signal: AbortSignal.abort(new Error('enough')) })
  await expect(pushing).rejects.toThrow('enough')
})

const names: Record<
  string,
  [Entries, string | undefined, { repository?: string; tag?: string }, string[] | RegExp]
> = {
  'the tags of docker save': [
    dockerSave({ tags: ['localhost:5000/a/b:1', 'c:2'] }),
    undefined,
    {},
    ['a/b:1', 'c:2'],
  ],
  'all names of Docker Hub': [
    dockerSave({
      tags: [
        'docker.io/library/a:1',
        'index.docker.io/library/b:1',
        'registry-1.docker.io/library/c:1',
        'registry.hub.docker.com/library/d:1',
        'index.docker.io/team/e:1',
        'docker.io/f:1',
        'docker.io/library/team/g:1',
        'docker.io.example/library/h:1',
        'library/i:1',
      ],
    }),
    undefined,
    {},
    ['a:1', 'b:1', 'c:1', 'd:1', 'team/e:1', 'f:1', 'library/team/g:1', 'library/h:1', 'library/i:1'],
  ],
  'a repository instead': [dockerSave({ tags: ['a:1', 'b:2'] }), undefined, { repository: 'x' }, ['x:1,2']],
  'a repository and a tag instead': [dockerSave(), undefined, { repository: 'x', tag: 'y' }, ['x:y']],
  'a tag instead': [dockerSave({ tags: ['a:1', 'a:2'] }), undefined, { tag: 'y' }, ['a:y']],
  'the name of the file': [dockerSave({ tags: null }), 'My App.tar.gz', {}, ['my-app:latest']],
  'no name at all': [dockerSave({ tags: null }), undefined, {}, /does not name its image/],
  'a name that cannot be': [dockerSave(), undefined, { repository: 'A' }, /invalid repository name/],
  'a tag alone': [
    layoutOf([descriptorOf(manifest, MANIFEST, tagged('v1'))], [manifest, config, ...LAYERS]),
    'app.oci.tar',
    {},
    ['app:v1'],
  ],
  'a full reference as the tag': [
    layoutOf([descriptorOf(manifest, MANIFEST, tagged('quay.io/a/b:v2'))], [manifest, config, ...LAYERS]),
    'x.tar',
    {},
    ['a/b:v2'],
  ],
}

it.each(Object.entries(names))('goes by %s', async (_, [entries, name, options, expected]) => {
  await using registry = await openInMemoryRegistry()
  const archive = await readArchive(await blobOf(entries), { name })
  const pushing = pushArchive(archive, clientOf(registry), options)
  if (expected instanceof RegExp) return expect(pushing).rejects.toThrow(expected)
  const pushed = await pushing
  expect(pushed.map(({ repository, tags }) => `${repository}:${tags}`)).toEqual(expected)
})

it('signatures go with the image that they sign', async () => {
  const signature = manifestOf('{}', [], { subject: descriptorOf(manifest, MANIFEST) })
  const roots = [descriptorOf(manifest, MANIFEST, named('app:1')), descriptorOf(signature, MANIFEST)]
  await using registry = await openInMemoryRegistry()
  const entries = layoutOf(roots, [manifest, signature, config, '{}', ...LAYERS])
  await pushArchive(await readArchive(await blobOf(entries), { name: 'file.tar' }), clientOf(registry))
  const referrers = await clientOf(registry).referrers('app', digestOf(manifest) as never)
  expect(referrers.map(({ digest }) => digest)).toEqual([digestOf(signature)])
})

it('a bundle of 700 images, each with eight layers', async () => {
  const images = Array.from({ length: 700 }, (_, image) => {
    const layers = Array.from({ length: 8 }, (_, layer) => `${image}/${layer}`)
    return { config: configOf(layers), layers }
  })
  const list = images.map(({ layers }, image) => ({
    Config: `${image}.json`,
    RepoTags: [`app/${image}:1`],
    Layers: layers.map((layer) => `${layer}/layer.tar`),
  }))
  const entries: Entries = images.flatMap(({ config, layers }, image) => [
    ...layers.flatMap(
      (layer): Entries => [
        [`${layer}/`, { type: 'directory' }],
        [`${layer}/VERSION`, '1.0'],
        [`${layer}/json`, '{}'],
        [`${layer}/layer.tar`, layer],
      ],
    ),
    [`${image}.json`, config],
  ])
  const archive = await readArchive(await blobOf([...entries, ['manifest.json', JSON.stringify(list)]]))
  expect(entries.length).toBeGreaterThan(23_000)
  expect(archive.images).toHaveLength(700)
  expect(archive.blobs.size).toBe(700 * 9)
})
