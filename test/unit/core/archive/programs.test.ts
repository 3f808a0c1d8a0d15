/**
 * Archives as each program writes them: its names, its order, its links, its compression. Programs that are at hand on
 * every machine that runs the tests write theirs in `test/system/clients/archives.test.ts`.
 */
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { TarHeader } from 'modern-tar'
import { describe, expect, it } from 'vitest'
import { pushArchive } from '../../../../src/core/archive/import/push-archive.ts'
import { readArchive } from '../../../../src/core/archive/import/read-archive.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf } from '../../../support/push.ts'
import { clientOf, textOf } from './client.ts'
import { configOf, type Entries, INDEX, indexOf, MANIFEST, manifestOf, tarOf } from './tars.ts'

type Content = string | Uint8Array<ArrayBuffer>

const BASE = 'the base of the image'
const APP = 'what is built upon it'
const LAYERS = [BASE, APP]
const config = configOf(LAYERS)
const GZIPPED = LAYERS.map((layer) => new Uint8Array(gzipSync(layer)))

const hex = (content: Content): string => digestOf(content as string).slice('sha256:'.length)
const blobPath = (content: Content): string => `blobs/sha256/${hex(content)}`
const blob = (content: Content) => [blobPath(content), content] as const
const folder = (name: string) => [name, { type: 'directory' }] as const
const link = (name: string, linkname: string, type: TarHeader['type'] = 'symlink') =>
  [name, { type, linkname }] as const
const json = (name: string, value: unknown) => [name, JSON.stringify(value)] as const
const LAYOUT = ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'] as const
const BLOBS = [folder('blobs/'), folder('blobs/sha256/')]

/** `docker save` before 25: each layer in a folder that is named by an id of its own. */
const V1 = ['1'.repeat(64), '2'.repeat(64)] as const
const v1 = (id: string, layer: Entries[number]): Entries => [
  folder(`${id}/`),
  [`${id}/VERSION`, '1.0'],
  [`${id}/json`, JSON.stringify({ id, created: '1970-01-01T00:00:00Z' })],
  layer,
]
const listOf = (layers: readonly string[] | null, more: object = {}) => [
  { Config: `${hex(config)}.json`, RepoTags: ['app:1'], Layers: layers, ...more },
]

const descriptor = (content: Content, mediaType: string, more: object = {}) => ({
  mediaType,
  digest: digestOf(content as string),
  size: Buffer.byteLength(content),
  ...more,
})
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const DOCKER = 'application/vnd.docker.distribution.manifest.v2+json'
const gzippedManifest = (mediaType: string): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: descriptor(
      config,
      mediaType === DOCKER ? 'application/vnd.docker.container.image.v1+json' : CONFIG,
    ),
    layers: GZIPPED.map((layer) => descriptor(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')),
  })
const full = (tag: string) => ({
  annotations: {
    'io.containerd.image.name': `docker.io/library/app:${tag}`,
    'org.opencontainers.image.ref.name': tag,
  },
})
const reference = (name: string) => ({ annotations: { 'org.opencontainers.image.ref.name': name } })

const plainManifest = manifestOf(config, LAYERS)
const ociManifest = gzippedManifest(MANIFEST)
const dockerManifest = gzippedManifest(DOCKER)
const bareManifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: MANIFEST,
  config: { ...descriptor(config, CONFIG), platform: { architecture: 'amd64', os: 'linux' } },
  layers: [],
})

const armConfig = configOf([BASE], { architecture: 'arm64' })
const armManifest = manifestOf(armConfig, [BASE])
const provenance = '{"_type":"https://in-toto.io/Statement/v0.1"}'
const attestation = manifestOf(configOf([provenance], { os: 'unknown', architecture: 'unknown' }), [
  provenance,
])
const platform = (os: string, architecture: string) => ({ platform: { os, architecture } })
const index = indexOf([
  descriptor(ociManifest, MANIFEST, platform('linux', 'amd64')),
  descriptor(armManifest, MANIFEST, platform('linux', 'arm64')),
  descriptor(attestation, MANIFEST, {
    ...platform('unknown', 'unknown'),
    annotations: {
      'vnd.docker.reference.digest': digestOf(ociManifest),
      'vnd.docker.reference.type': 'attestation-manifest',
    },
  }),
])
const indexBlobs = [index, ociManifest, armManifest, attestation, config, armConfig, BASE, ...GZIPPED]
  .concat(provenance, configOf([provenance], { os: 'unknown', architecture: 'unknown' }))
  .map(blob)

const cacheConfig = '{"layers":[{"blob":"sha256:0","parent":-1}],"records":[]}'
const cacheManifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: MANIFEST,
  config: descriptor(cacheConfig, 'application/vnd.buildkit.cacheconfig.v0'),
  layers: GZIPPED.map((layer) =>
    descriptor(layer, 'application/vnd.oci.image.layer.v1.tar+gzip', {
      annotations: {
        'buildkit/createdat': '2024-01-01T00:00:00Z',
        'containerd.io/uncompressed': digestOf(BASE),
      },
    }),
  ),
})

const scratch = JSON.stringify({
  architecture: 'amd64',
  os: 'linux',
  config: { Labels: null },
  rootfs: { type: 'layers', diff_ids: null },
  history: null,
})
const scratchSave = (layers: null | []): Entries => [
  [`${hex(scratch)}.json`, scratch],
  json('manifest.json', [{ Config: `${hex(scratch)}.json`, RepoTags: ['app:1'], Layers: layers }]),
]

const otherConfig = configOf([BASE], { author: 'other' })

/** go-containerregistry: crane, ko, kaniko. */
const goTarball = (tags: readonly string[] | null): Entries => [
  [digestOf(config), config],
  ...GZIPPED.map((layer) => [`${hex(layer)}.tar.gz`, layer] as const),
  json('manifest.json', [
    { Config: digestOf(config), RepoTags: tags, Layers: GZIPPED.map((layer) => `${hex(layer)}.tar.gz`) },
  ]),
]

interface Row {
  readonly entries: Entries
  /** As `flotilla push` prints them; default `app:1`. */
  readonly names?: readonly string[]
  /** The bytes that the first tag has. Default: a manifest of both layers as they are uncompressed. */
  readonly manifest?: string
  readonly file?: string
  readonly compress?: (tar: Uint8Array) => Uint8Array<ArrayBuffer>
  readonly remark?: RegExp
}

const gzip = (tar: Uint8Array) => new Uint8Array(gzipSync(tar))

const rows: Record<string, Row> = {
  'docker save of 20.10': {
    entries: [
      ...v1(V1[0], [`${V1[0]}/layer.tar`, BASE]),
      ...v1(V1[1], [`${V1[1]}/layer.tar`, APP]),
      [`${hex(config)}.json`, config],
      json('manifest.json', listOf(V1.map((id) => `${id}/layer.tar`))),
      json('repositories', { app: { 1: V1[1] } }),
    ],
  },
  'docker save of 23 and 24, of two images that share a layer by a link': {
    entries: [
      ...v1(V1[0], [`${V1[0]}/layer.tar`, BASE]),
      ...v1(V1[1], [`${V1[1]}/layer.tar`, APP]),
      ...v1('3'.repeat(64), link(`${'3'.repeat(64)}/layer.tar`, `../${V1[0]}/layer.tar`)),
      [`${hex(config)}.json`, config],
      [`${hex(otherConfig)}.json`, otherConfig],
      json('manifest.json', [
        ...listOf(V1.map((id) => `${id}/layer.tar`)),
        {
          Config: `${hex(otherConfig)}.json`,
          RepoTags: ['registry.example:5000/team/other:2', 'app:3'],
          Layers: [`${'3'.repeat(64)}/layer.tar`],
        },
      ]),
    ],
    names: ['app:1', 'app:3', 'team/other:2'],
  },
  'docker save of 25.0.0': {
    entries: [
      ...BLOBS,
      ...[BASE, APP, config, bareManifest].map(blob),
      [
        'index.json',
        indexOf([descriptor(bareManifest, MANIFEST, { ...platform('linux', 'amd64'), ...full('1') })]),
      ],
      json('manifest.json', listOf(LAYERS.map(blobPath), { Config: blobPath(config) })),
      LAYOUT,
      json('repositories', { app: { 1: hex(APP) } }),
    ],
    remark: /index\.json is ignored: 2 layers by its config, 0 by index\.json, 2 by manifest\.json/,
  },
  'docker save of 25 to 29': {
    entries: [
      ...BLOBS,
      ...[BASE, APP, config, plainManifest].map(blob),
      [
        'index.json',
        indexOf([descriptor(plainManifest, MANIFEST, { ...platform('linux', 'amd64'), ...full('1') })]),
      ],
      json(
        'manifest.json',
        listOf(LAYERS.map(blobPath), {
          Config: blobPath(config),
          LayerSources: Object.fromEntries(
            LAYERS.map((layer) => [
              digestOf(layer),
              descriptor(layer, 'application/vnd.oci.image.layer.v1.tar'),
            ]),
          ),
        }),
      ),
      LAYOUT,
      json('repositories', { app: { 1: hex(APP) } }),
    ],
    manifest: plainManifest,
  },
  'docker save of 28 and 29 with the containerd store': {
    entries: [
      ...BLOBS,
      ...indexBlobs,
      ['index.json', indexOf([descriptor(index, INDEX, full('1'))])],
      json('manifest.json', listOf(GZIPPED.map(blobPath), { Config: blobPath(config) })),
      LAYOUT,
    ],
    manifest: index,
  },
  'docker save of 29 without the attestations': {
    entries: [
      ...BLOBS,
      ...indexBlobs.filter(([name]) => name !== blobPath(attestation)),
      ['index.json', indexOf([descriptor(index, INDEX, full('1'))])],
      json('manifest.json', listOf(GZIPPED.map(blobPath), { Config: blobPath(config) })),
      LAYOUT,
    ],
    manifest: indexOf(JSON.parse(index).manifests.slice(0, 2)),
    remark: /the archive lacks attestations; pushed: linux\/amd64, linux\/arm64/,
  },
  'podman save': {
    entries: [
      [`${hex(BASE)}.tar`, BASE],
      ...v1(V1[0], link(`${V1[0]}/layer.tar`, `../${hex(BASE)}.tar`)),
      [`${hex(APP)}.tar`, APP],
      ...v1(V1[1], link(`${V1[1]}/layer.tar`, `../${hex(APP)}.tar`)),
      [`${hex(config)}.json`, config],
      json('repositories', { 'localhost/app': { 1: V1[1] } }),
      json(
        'manifest.json',
        listOf(
          LAYERS.map((layer) => `${hex(layer)}.tar`),
          { RepoTags: ['localhost/app:1'] },
        ),
      ),
    ],
  },
  'podman save, unpacked and packed again, so that layers are found by links': {
    entries: [
      [`./${hex(BASE)}.tar`, BASE],
      [`./${hex(APP)}.tar`, APP],
      link(`./a/layer.tar`, `../${hex(BASE)}.tar`),
      link(`./b`, 'c'),
      link(`./c/layer.tar`, `./${hex(APP)}.tar`, 'link'),
      [`./${hex(config)}.json`, config],
      json('./manifest.json', listOf(['./a/layer.tar', 'b/../b/layer.tar'])),
    ],
  },
  'podman save --format oci-archive': {
    entries: [
      ...BLOBS,
      ...[ociManifest, config, ...GZIPPED].map(blob),
      [
        'index.json',
        JSON.stringify({
          schemaVersion: 2,
          manifests: [descriptor(ociManifest, MANIFEST, reference('localhost/app:1'))],
        }),
      ],
      LAYOUT,
    ],
    manifest: ociManifest,
  },
  'podman save --multi-image-archive': {
    entries: [
      [`${hex(BASE)}.tar`, BASE],
      [`${hex(APP)}.tar`, APP],
      [`${hex(config)}.json`, config],
      [`${hex(otherConfig)}.json`, otherConfig],
      json('manifest.json', [
        ...listOf(
          LAYERS.map((layer) => `${hex(layer)}.tar`),
          { RepoTags: ['localhost/app:1', 'localhost/app:2'] },
        ),
        {
          Config: `${hex(otherConfig)}.json`,
          RepoTags: ['docker.io/library/other:1'],
          Layers: [`${hex(BASE)}.tar`],
        },
      ]),
    ],
    names: ['app:1', 'app:2', 'other:1'],
  },
  'skopeo, of an image without layers': {
    entries: scratchSave([]),
    manifest: manifestOf(scratch, []),
  },
  'docker save of 20.10, of an image without layers': {
    entries: scratchSave(null),
    manifest: manifestOf(scratch, []),
  },
  'buildx build --output type=docker': {
    entries: [
      ...BLOBS,
      ...[dockerManifest, config, ...GZIPPED].map(blob),
      ['index.json', indexOf([descriptor(dockerManifest, DOCKER, full('1'))])],
      json('manifest.json', listOf(GZIPPED.map(blobPath), { Config: blobPath(config) })),
      LAYOUT,
    ],
    manifest: dockerManifest,
  },
  'buildx build --output type=oci of several platforms, with provenance': {
    entries: [
      ...BLOBS,
      ...indexBlobs,
      ['index.json', indexOf([descriptor(index, INDEX, full('1'))])],
      LAYOUT,
    ],
    manifest: index,
  },
  'buildx build --cache-to type=local,image-manifest=true': {
    entries: [
      ...BLOBS,
      ...[cacheManifest, cacheConfig, ...GZIPPED].map(blob),
      ['index.json', indexOf([descriptor(cacheManifest, MANIFEST, reference('latest'))])],
      folder('ingest/'),
      LAYOUT,
    ],
    file: 'cache.tar',
    names: ['cache:latest'],
    manifest: cacheManifest,
  },
  'crane pull': { entries: goTarball(['app:1']) },
  'crane pull of old, which names Docker Hub by its other name': {
    entries: goTarball(['index.docker.io/library/app:1', 'registry-1.docker.io/library/app:2']),
    names: ['app:1', 'app:2'],
  },
  'crane pull --format=legacy': {
    entries: [
      [`${hex(config)}.json`, config],
      ...[BASE, APP].flatMap(
        (layer, at): Entries => [
          [`${V1[at]}/layer.tar`, layer],
          [`${V1[at]}/json`, '{}'],
          [`${V1[at]}/VERSION`, '1.0'],
        ],
      ),
      json(
        'manifest.json',
        listOf(
          V1.map((id) => `${id}/layer.tar`),
          { LayerSources: {} },
        ),
      ),
      json('repositories', { app: { 1: V1[1] } }),
    ],
  },
  'crane pull --format=oci, packed': {
    entries: [
      folder('./'),
      folder('./blobs/'),
      folder('./blobs/sha256/'),
      ...[ociManifest, config, ...GZIPPED].map((content) => [`./${blobPath(content)}`, content] as const),
      ['./index.json', indexOf([descriptor(ociManifest, MANIFEST)])],
      ['./oci-layout', '{\n    "imageLayoutVersion": "1.0.0"\n}'],
    ],
    file: 'app.tar',
    names: ['app:latest'],
    manifest: ociManifest,
  },
  'kaniko --tar-path': { entries: goTarball(['index.docker.io/library/app:1']) },
  'kaniko of old, with a layer twice': {
    entries: [[`${hex(GZIPPED[0]!)}.tar.gz`, GZIPPED[0]!], ...goTarball(['app:1'])],
  },
  'ko build --tarball': {
    entries: goTarball(['ko.local/cmd-0123456789abcdef:latest']),
    names: ['cmd-0123456789abcdef:latest'],
  },
  'ko build --oci-layout-path, packed': {
    entries: [LAYOUT, ...indexBlobs, ['index.json', indexOf([descriptor(index, INDEX)])]],
    file: 'cmd.tar',
    names: ['cmd:latest'],
    manifest: index,
  },
  'jib, for Docker': {
    entries: [
      ...GZIPPED.map((layer) => [`${hex(layer)}.tar.gz`, layer] as const),
      ['config.json', config],
      json(
        'manifest.json',
        listOf(
          GZIPPED.map((layer) => `${hex(layer)}.tar.gz`),
          { Config: 'config.json', RepoTags: ['gcr.io/team/app:1'] },
        ),
      ),
    ],
    names: ['team/app:1'],
  },
  'jib, for OCI': {
    entries: [
      ...[...GZIPPED, config, ociManifest].map(blob),
      ['oci-layout', '{"imageLayoutVersion": "1.0.0"}'],
      [
        'index.json',
        JSON.stringify({
          schemaVersion: 2,
          manifests: [descriptor(ociManifest, MANIFEST, reference('gcr.io/team/app:1'))],
        }),
      ],
    ],
    names: ['team/app:1'],
    manifest: ociManifest,
  },
  'nix dockerTools.buildImage': {
    entries: [
      folder('./'),
      ...V1.flatMap((id, at): Entries => v1(`./${id}`, [`./${id}/layer.tar`, LAYERS[at]!])),
      [`./${hex(config)}.json`, config],
      json('./manifest.json', listOf(V1.map((id) => `${id}/layer.tar`))),
      json('./repositories', { app: { 1: V1[1] } }),
    ],
    compress: gzip,
  },
  'nix dockerTools.streamLayeredImage': {
    entries: [
      ...LAYERS.map((layer) => [`${hex(layer)}/layer.tar`, layer] as const),
      [`${hex(config)}.json`, config],
      json('manifest.json', listOf(LAYERS.map((layer) => `${hex(layer)}/layer.tar`))),
    ],
  },
  'nix dockerTools.buildLayeredImage, by zstd': {
    entries: [
      ...LAYERS.map((layer) => [`${hex(layer)}/layer.tar`, layer] as const),
      [`${hex(config)}.json`, config],
      json('manifest.json', listOf(LAYERS.map((layer) => `${hex(layer)}/layer.tar`))),
    ],
    compress: (tar) => new Uint8Array(zstdCompressSync(tar)),
  },
  'bazel, container_bundle of rules_docker': {
    entries: [
      [`${hex(config)}.json`, config],
      ['base.tar', BASE],
      ['app.tar', APP],
      [`${hex(otherConfig)}.json`, otherConfig],
      ['base.tar', BASE],
      json('manifest.json', [
        ...listOf(['base.tar', 'app.tar'], { RepoTags: ['bazel/app:1'] }),
        { Config: `${hex(otherConfig)}.json`, RepoTags: ['bazel/other:1'], Layers: ['base.tar'] },
      ]),
      json('repositories', {}),
    ],
    names: ['bazel/app:1', 'bazel/other:1'],
  },
  'bazel, oci_load of rules_oci': {
    entries: [
      [blobPath(config), config],
      ...GZIPPED.map((layer) => [`${blobPath(layer)}.tar.gz`, layer] as const),
      json(
        'manifest.json',
        listOf(
          GZIPPED.map((layer) => `${blobPath(layer)}.tar.gz`),
          { Config: blobPath(config) },
        ),
      ),
    ],
  },
  'bazel, oci_image of rules_oci, packed': {
    entries: [LAYOUT, ...indexBlobs, ['index.json', indexOf([descriptor(index, INDEX)])]],
    file: 'app.tar',
    names: ['app:latest'],
    manifest: index,
  },
  'tar -r, which puts the newest behind': {
    entries: [
      ['base.tar', 'an older one'],
      ['app.tar', APP],
      ['config.json', '{}'],
      json('manifest.json', []),
      ['base.tar', BASE],
      ['config.json', config],
      json('manifest.json', listOf(['base.tar', 'app.tar'], { Config: 'config.json' })),
    ],
  },
}

describe('an archive is pushed as it is meant, by', () => {
  it.each(Object.entries(rows))('%s', async (_, row) => {
    const { entries, names = ['app:1'], manifest = plainManifest, file, compress, remark } = row
    await using registry = await openInMemoryRegistry()
    const tar = await tarOf(entries)
    const archive = await readArchive(new Blob([compress ? compress(tar) : tar]), { name: file })
    const pushed = await pushArchive(archive, clientOf(registry))

    const remarks = [...archive.remarks, ...pushed.flatMap(({ remark = [] }) => remark)]
    expect(remarks).toEqual(remark ? [expect.stringMatching(remark)] : [])
    const tags = pushed.flatMap(({ repository, tags }) => tags.map((tag) => `${repository}:${tag}`))
    expect(tags.sort()).toEqual([...names].sort())
    const [repository, tag] = names[0]!.split(':') as [string, string]
    expect(await textOf(await registry.fetch('GET', `/v2/${repository}/manifests/${tag}`))).toBe(manifest)
    for (const name of names) await expectWhole(registry, ...(name.split(':') as [string, string]))
  })
})

/** All that the manifest names is there, with the size that it says. */
async function expectWhole(registry: InMemoryRegistry, repository: string, reference: string): Promise<void> {
  const {
    config,
    layers = [],
    manifests = [],
  } = JSON.parse(await textOf(await registry.fetch('GET', `/v2/${repository}/manifests/${reference}`)))
  for (const { digest, size } of config ? [config, ...layers] : []) {
    const content = await (await registry.fetch('GET', `/v2/${repository}/blobs/${digest}`)).bytes()
    expect({ digest: digestOf(content as never), size: content.length }).toEqual({ digest, size })
  }
  for (const { digest } of manifests) await expectWhole(registry, repository, digest)
}
