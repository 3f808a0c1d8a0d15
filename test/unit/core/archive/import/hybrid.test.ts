/** Archives in both formats at once, or that disagree with the registry: contradictions are detected and reported. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { pushArchive } from '../../../../../src/core/archive/import/push-archive.ts'
import { readArchive } from '../../../../../src/core/archive/import/read-archive.ts'
import { openInMemoryRegistry } from '../../../../support/in-memory-registry.ts'
import { digestOf, pushBlob } from '../../../../support/push.ts'
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
  pathOf,
  tagged,
} from '../tars.ts'

const LAYERS = ['one', 'two'] as const
const config = configOf(LAYERS)
const manifest = manifestOf(config, LAYERS)
const root = descriptorOf(manifest, MANIFEST, named('app:1'))

type Content = string | Uint8Array<ArrayBuffer>

const withLayer = (content: Content): Entries => [...dockerSave(), ['1/layer.tar', content]]

const lying = JSON.stringify({
  ...JSON.parse(manifest),
  layers: [descriptorOf('one', 'layer'), { ...descriptorOf('two', 'layer'), size: 2 }],
})
const lyingIndex = indexOf([{ ...descriptorOf(manifest, MANIFEST), size: manifest.length + 1 }])
const lyingRoot = descriptorOf(lying, MANIFEST, named('app:1'))

const saveOfTwo = (first: Content, second: Content): Entries => [
  ['a/layer.tar', first],
  ['b/layer.tar', second],
  ['config.json', configOf(['two'])],
  ['other.json', configOf(['two'], { author: 'other' })],
  [
    'manifest.json',
    JSON.stringify([
      { Config: 'config.json', RepoTags: ['app:1'], Layers: ['a/layer.tar'] },
      { Config: 'other.json', RepoTags: ['app:2'], Layers: ['b/layer.tar'] },
    ]),
  ],
]

const TWO = digestOf('two')

/** While the registry has the layers. */
const refused: Record<string, [Entries, string]> = {
  'a layer that is empty': [
    withLayer(''),
    `"1/layer.tar" is damaged: ${TWO} has 3 bytes in the registry, but 0 here`,
  ],
  'a layer that is cut': [withLayer('tw'), `"1/layer.tar" is damaged: its digest is not ${TWO}`],
  'another layer': [withLayer('other'), `"1/layer.tar" is damaged: its digest is not ${TWO}`],
  'a layer of zeros': [withLayer(new Uint8Array(512)), `"1/layer.tar" is damaged: its digest is not ${TWO}`],
  'another layer, compressed': [
    withLayer(new Uint8Array(gzipSync('other'))),
    `"1/layer.tar" is damaged: its digest is not ${TWO}`,
  ],
  'a layer that is empty for one of two images': [
    saveOfTwo('two', ''),
    '"b/layer.tar" has 0 bytes and "a/layer.tar" has 3 bytes',
  ],
  'a layer that is empty for the other one': [
    saveOfTwo('', 'two'),
    '"b/layer.tar" has 3 bytes and "a/layer.tar" has 0 bytes',
  ],
  'a manifest with another size, of a blob that is not in the archive': [
    layoutOf([lyingRoot], [lying, config]),
    `the archive is damaged: ${TWO} has 3 bytes in the registry, but 2 here`,
  ],
  'a manifest with another size, of a blob that is': [
    layoutOf([lyingRoot], [lying, config, 'two']),
    'has 3 bytes, but its manifest says 2',
  ],
  'a manifest and a file with another size': [
    [...layoutOf([lyingRoot], [lying, config]), [pathOf('two'), 'tw']],
    `is damaged: its digest is not ${TWO}`,
  ],
  'an index with another size of an image': [
    layoutOf([descriptorOf(lyingIndex, INDEX, named('app:1'))], [lyingIndex, manifest, config]),
    `${digestOf(manifest)} has ${manifest.length} bytes, but a manifest says ${manifest.length + 1}`,
  ],
  'manifests that contradict each other': [
    layoutOf([root, lyingRoot], [manifest, lying, config]),
    `${TWO} has 2 bytes, but a manifest says 3`,
  ],
}

describe('no tag is left behind by', () => {
  it.each(Object.entries(refused))('%s', async (_, [entries, message]) => {
    for (const repository of ['app', 'other']) {
      await using registry = await openInMemoryRegistry()
      for (const layer of LAYERS) await pushBlob(registry, repository, layer)
      const pushing = async () => pushArchive(await readArchive(await blobOf(entries)), clientOf(registry))
      await expect(pushing()).rejects.toThrow(message)
      expect((await registry.fetch('GET', '/v2/app/manifests/1')).status).toBe(404)
    }
  })
})

const list = (more: object = {}): string =>
  JSON.stringify([
    { Config: pathOf(config), RepoTags: ['app:1'], Layers: LAYERS.map((layer) => pathOf(layer)), ...more },
  ])
const hybridOf = (layout: Entries, manifests: string): Entries => [...layout, ['manifest.json', manifests]]
const blobs = [manifest, config, ...LAYERS]

/** As Docker 25.0.0 wrote it. */
const bare = manifestOf(config, [])
const half = manifestOf(config, ['one'])
const swapped = manifestOf(config, ['two', 'one'])
const bareRoot = (content: string) => descriptorOf(content, MANIFEST, named('docker.io/library/app:1'))

const packed = new Uint8Array(gzipSync('one'))
const packedManifest = JSON.stringify({
  ...JSON.parse(manifest),
  layers: [
    { mediaType: 'layer', digest: digestOf(packed), size: packed.length },
    descriptorOf('two', 'application/vnd.oci.image.layer.v1.tar'),
  ],
})

const other = configOf(['one'], { author: 'other' })

/** The manifest that is pushed as `app:1`, and what is said. */
const hybrids: Record<string, [Entries, string, RegExp?]> = {
  'both halves agree': [hybridOf(layoutOf([root], blobs), list()), manifest],
  'only manifest.json names the image': [
    hybridOf(layoutOf([descriptorOf(manifest, MANIFEST)], blobs), list()),
    manifest,
  ],
  'index.json names the tag only': [
    hybridOf(layoutOf([descriptorOf(manifest, MANIFEST, tagged('1'))], blobs), list()),
    manifest,
  ],
  'the layout has compressed layers': [
    [
      ...hybridOf(
        layoutOf([descriptorOf(packedManifest, MANIFEST, named('app:1'))], [packedManifest, config, 'two']),
        list({ Layers: ['one.tar', pathOf('two')] }),
      ),
      [`blobs/${digestOf(packed).replace(':', '/')}`, packed],
      ['one.tar', 'one'],
    ],
    packedManifest,
  ],
  'the layout has no layers': [
    hybridOf(layoutOf([bareRoot(bare)], [bare, config, ...LAYERS]), list()),
    manifest,
    /index\.json is ignored: 2 layers by its config, 0 by index\.json, 2 by manifest\.json/,
  ],
  'the layout has some layers': [
    hybridOf(layoutOf([bareRoot(half)], [half, config, ...LAYERS]), list()),
    manifest,
    /index\.json is ignored: 2 layers by its config, 1 by index\.json/,
  ],
  'the layout has the layers in another order': [
    hybridOf(layoutOf([bareRoot(swapped)], [swapped, config, ...LAYERS]), list()),
    manifest,
    /index\.json is ignored/,
  ],
  'the layout lists nothing': [
    hybridOf(layoutOf([], blobs), list()),
    manifest,
    /index\.json" lists no manifests/,
  ],
  'the layout lists null': [
    hybridOf([...layoutOf([], blobs), ['index.json', '{"schemaVersion":2,"manifests":null}']], list()),
    manifest,
    /index\.json" lists no manifests/,
  ],
  'the manifest of the layout is missing': [
    hybridOf(layoutOf([root], [config, ...LAYERS]), list()),
    manifest,
    /which index\.json lists, is missing/,
  ],
  'index.json is no JSON': [
    hybridOf([...layoutOf([root], blobs), ['index.json', '{']], list()),
    manifest,
    /index\.json" is not valid JSON/,
  ],
  'manifest.json lists fewer layers': [
    hybridOf(layoutOf([root], blobs), list({ Layers: [pathOf('one')] })),
    manifest,
    /manifest\.json is ignored: 2 layers by its config, 2 by index\.json, 1 by manifest\.json/,
  ],
  'manifest.json lists no layers': [
    hybridOf(layoutOf([root], blobs), list({ Layers: null })),
    manifest,
    /manifest\.json is ignored/,
  ],
  'manifest.json names a layer that is missing': [
    hybridOf(layoutOf([root], blobs), list({ Layers: [pathOf('one'), 'two.tar'] })),
    manifest,
    /manifest\.json is ignored: "two\.tar" is missing/,
  ],
  'manifest.json is something else': [
    hybridOf(layoutOf([root], blobs), '{"name":"a web page"}'),
    manifest,
    /manifest\.json is ignored: "manifest\.json" is not a list of images/,
  ],
}

describe('of an archive that is two at once, the right half is pushed where', () => {
  it.each(Object.entries(hybrids))('%s', async (_, [entries, expected, remark]) => {
    await using registry = await openInMemoryRegistry()
    const archive = await readArchive(await blobOf(entries))
    if (remark) expect(archive.remarks).toEqual([expect.stringMatching(remark)])
    else expect(archive.remarks).toEqual([])
    await pushArchive(archive, clientOf(registry))
    expect(await textOf(await registry.fetch('GET', '/v2/app/manifests/1'))).toBe(expected)
  })

  it.each<[string, Entries, RegExp]>([
    [
      'the halves name different images',
      [
        ...hybridOf(
          layoutOf([root], [...blobs, other]),
          list({ Config: pathOf(other), Layers: [pathOf('one')] }),
        ),
      ],
      /index\.json and manifest\.json name different images: no image of index\.json has "blobs\/sha256\/\w+"/,
    ],
    [
      'neither fits the config',
      hybridOf(layoutOf([bareRoot(bare)], [bare, config, ...LAYERS]), list({ Layers: [pathOf('one')] })),
      /has 2 layers by its config, 0 by index\.json, 1 by manifest\.json; save it again/,
    ],
    [
      'neither can be read',
      hybridOf([...layoutOf([root], blobs), ['index.json', '{']], '[]'),
      /"index\.json" is not valid JSON/,
    ],
  ])('but none where %s', async (_, entries, message) => {
    await expect(readArchive(await blobOf(entries))).rejects.toThrow(message)
  })
})
