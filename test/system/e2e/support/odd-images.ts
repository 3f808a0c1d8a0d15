/** Images as they are found in the wild, which any registry takes: each with what the page has to show of it. */

import { digestOf } from '../../../support/digest.ts'
export interface OddImage {
  readonly mediaType: string
  readonly manifest: unknown
  readonly blobs: readonly string[]
  /** Headings of sections that have to be shown. */
  readonly headings: readonly string[]
  /** Texts that have to be shown. */
  readonly texts?: readonly string[]
}

const OCI = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const DOCKER = 'application/vnd.docker.distribution.manifest.v2+json'
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'

const descriptor = (content: string, mediaType: string, more: object = {}) => ({
  mediaType,
  digest: digestOf(content),
  size: Buffer.byteLength(content),
  ...more,
})

const LAYERS = ['layer one', 'layer two']

/** Pushed by its digest, because the children of an index have to be there first. */
const child = JSON.stringify({
  schemaVersion: 2,
  mediaType: OCI,
  config: descriptor('{"os":"linux"}', CONFIG),
  layers: [descriptor('layer one', LAYER)],
})

export const CHILD = { manifest: child, mediaType: OCI, blobs: ['{"os":"linux"}', 'layer one'] }

/** An image of two layers with this config, which may be any text. */
function withConfig(config: unknown, texts: readonly string[] = []): OddImage {
  const text = typeof config === 'string' ? config : JSON.stringify(config)
  return {
    mediaType: OCI,
    manifest: {
      schemaVersion: 2,
      mediaType: OCI,
      config: descriptor(text, CONFIG),
      layers: LAYERS.map((layer) => descriptor(layer, LAYER)),
    },
    blobs: [text, ...LAYERS],
    headings: ['2 layers', 'Signatures and SBOMs', 'Manifest'],
    texts,
  }
}

function artifact(manifest: object, blobs: readonly string[], headings: readonly string[]): OddImage {
  return { mediaType: OCI, manifest: { schemaVersion: 2, mediaType: OCI, ...manifest }, blobs, headings }
}

const index = (manifests: unknown, more: Partial<OddImage>, mediaType = INDEX): OddImage => ({
  mediaType,
  manifest: { schemaVersion: 2, mediaType, manifests },
  blobs: LAYERS,
  headings: ['Manifest'],
  ...more,
})

const childDescriptor = descriptor(child, OCI)

export const ODD_IMAGES: Readonly<Record<string, OddImage>> = {
  'labels-null': withConfig({ os: 'linux', config: { Labels: null, User: 'me' } }, ['me', 'linux']),
  'all-null': withConfig({
    created: null,
    author: null,
    os: null,
    architecture: null,
    variant: null,
    rootfs: null,
    history: null,
    config: {
      User: null,
      Env: null,
      Entrypoint: null,
      Cmd: null,
      Volumes: null,
      ExposedPorts: null,
      Labels: null,
      OnBuild: null,
      WorkingDir: null,
      StopSignal: null,
      Shell: null,
    },
  }),
  'config-null': withConfig({ config: null, container_config: null, rootfs: { diff_ids: null } }),
  'history-null-entries': withConfig({ history: [null, { created_by: null }, { empty_layer: null }] }),
  'created-by-null': withConfig({ history: [{ created_by: null }, { created_by: 'RUN second' }] }, [
    'second',
  ]),
  'history-shorter': withConfig({ history: [{ created_by: 'RUN only one' }] }),
  'history-longer': withConfig({ history: Array.from({ length: 5 }, () => ({ created_by: 'RUN step' })) }),
  'wrong-types': withConfig({
    created: 5,
    author: {},
    os: ['linux'],
    config: {
      Env: 'A=b',
      Cmd: 'sh',
      Entrypoint: { a: 1 },
      Labels: [1],
      ExposedPorts: ['80'],
      User: 7,
      Volumes: 'x',
    },
    history: { length: 3 },
    rootfs: [],
  }),
  'mixed-types': withConfig({ config: { Env: ['A=b', 5, null], Labels: { a: 1, b: null, c: {} } } }),
  'zero-time': withConfig({
    created: '0001-01-01T00:00:00Z',
    history: [{ created: '0001-01-01T00:00:00Z' }],
  }),
  'no-time': withConfig({ created: 'yesterday', author: '' }),
  'far-time': withConfig({ created: '275760-09-13T00:00:01Z' }),
  'same-lines-twice': withConfig({ config: { Env: ['A=1', 'A=1'], Cmd: ['', ''] } }, ['A=1']),
  'list-for-config': withConfig([]),
  'null-for-config': withConfig('null'),
  'text-for-config': withConfig('no JSON at all'),
  'empty-config': withConfig(''),
  'many-spaces': withConfig({ history: [{ created_by: `RUN${' '.repeat(200_000)}x` }, {}] }),
  'nulls-in-manifest': {
    mediaType: OCI,
    manifest: {
      schemaVersion: 2,
      mediaType: null,
      artifactType: null,
      annotations: null,
      subject: null,
      config: descriptor('{"a":1}', CONFIG, { annotations: null, urls: null, platform: null, data: null }),
      layers: [descriptor('layer one', LAYER, { annotations: null, urls: null, artifactType: null })],
    },
    blobs: ['{"a":1}', 'layer one'],
    headings: ['1 layer', 'Config', 'Manifest'],
  },
  'layers-null': artifact({ config: descriptor('{"b":1}', CONFIG), layers: null }, ['{"b":1}'], ['0 layers']),
  'without-layers': artifact({ config: descriptor('{"c":1}', CONFIG) }, ['{"c":1}'], ['0 layers', 'Config']),
  'annotations-null-value': artifact(
    { config: descriptor('{"d":1}', CONFIG), layers: [], annotations: { a: null, b: '' } },
    ['{"d":1}'],
    ['0 layers', 'Annotations'],
  ),
  'docker-schema-2': {
    mediaType: DOCKER,
    manifest: {
      schemaVersion: 2,
      mediaType: DOCKER,
      config: descriptor('{"config":{"Labels":null}}', 'application/vnd.docker.container.image.v1+json'),
      layers: [descriptor('layer one', 'application/vnd.docker.image.rootfs.diff.tar.gzip')],
    },
    blobs: ['{"config":{"Labels":null}}', 'layer one'],
    headings: ['1 layer', 'Config'],
  },
  'helm-chart': artifact(
    {
      config: descriptor('{"name":"chart","version":"1"}', 'application/vnd.cncf.helm.config.v1+json'),
      layers: [descriptor('layer one', 'application/vnd.cncf.helm.chart.content.v1.tar+gzip')],
      annotations: { 'org.opencontainers.image.title': 'chart' },
    },
    ['{"name":"chart","version":"1"}', 'layer one'],
    ['1 file', 'Annotations'],
  ),
  'cosign-signature': artifact(
    {
      config: descriptor('{"architecture":"","os":"","rootfs":{"diff_ids":["sha256:1"]}}', CONFIG),
      layers: [
        descriptor('layer one', 'application/vnd.dev.cosign.simplesigning.v1+json', {
          annotations: { 'dev.cosignproject.cosign/signature': 'MEUC' },
        }),
      ],
    },
    ['{"architecture":"","os":"","rootfs":{"diff_ids":["sha256:1"]}}', 'layer one'],
    ['1 file'],
  ),
  wasm: artifact(
    {
      config: descriptor('{}', 'application/vnd.wasm.config.v0+json'),
      layers: [descriptor('layer one', 'application/wasm')],
    },
    ['{}', 'layer one'],
    ['1 file'],
  ),
  'artifact-with-empty-config': artifact(
    {
      artifactType: 'application/x-anything',
      config: descriptor('{}', 'application/vnd.oci.empty.v1+json', { data: 'e30=' }),
      layers: [descriptor('{}', 'application/vnd.oci.empty.v1+json')],
    },
    ['{}'],
    ['1 file'],
  ),
  'attestation-manifest': artifact(
    {
      config: descriptor('{"os":"unknown","architecture":"unknown","config":{}}', CONFIG),
      layers: [descriptor('layer two', 'application/vnd.in-toto+json')],
    },
    ['{"os":"unknown","architecture":"unknown","config":{}}', 'layer two'],
    ['1 file'],
  ),
  'buildkit-cache': index(
    [
      descriptor('layer one', LAYER, { annotations: { 'buildkit/createdat': '0001-01-01' } }),
      descriptor('layer two', 'application/vnd.buildkit.cacheconfig.v0'),
    ],
    { headings: ['2 blobs', 'Manifest'] },
  ),
  'docker-buildkit-cache': index(
    [descriptor('layer two', 'application/vnd.buildkit.cacheconfig.v0')],
    { headings: ['1 blob'] },
    DOCKER_LIST,
  ),
  'empty-index': index([], {}),
  'index-null': index(null, {}),
  'platforms-null': index([{ ...childDescriptor, platform: null, annotations: null }], {
    headings: ['Platforms', '1 layer'],
  }),
  'platforms-odd': index(
    [
      { ...childDescriptor, platform: { os: null, architecture: 5, variant: {} } },
      { ...childDescriptor, platform: {} },
    ],
    { headings: ['Platforms', '1 layer'] },
  ),
  'platform-unknown': index(
    [
      { ...childDescriptor, platform: { os: 'linux', architecture: 'amd64' } },
      {
        ...descriptor('{}', 'application/vnd.example.unknown'),
        platform: { os: 'unknown', architecture: 'unknown' },
      },
    ],
    { blobs: ['{}'], headings: ['Platforms', '1 layer', '1 blob'] },
  ),
}
