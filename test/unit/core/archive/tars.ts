/** Writes tars for tests, well-formed and malformed. */
import { packTar, type TarHeader } from 'modern-tar'
import { digestOf } from '../../../support/push.ts'

/** Content by name; a header for a link. */
export type Entries = readonly (readonly [
  name: string,
  content: string | Uint8Array<ArrayBuffer> | Partial<TarHeader>,
])[]

export async function tarOf(entries: Entries): Promise<Uint8Array<ArrayBuffer>> {
  return packTar(
    entries.map(([name, content]) =>
      typeof content === 'string' || content instanceof Uint8Array
        ? { header: { name, size: Buffer.byteLength(content) }, body: content }
        : { header: { name, size: 0, ...content } },
    ),
  )
}

export const blobOf = async (entries: Entries): Promise<Blob> => new Blob([await tarOf(entries)])

export const configOf = (layers: readonly string[], platform: object = {}): string =>
  JSON.stringify({
    os: 'linux',
    architecture: 'amd64',
    ...platform,
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => digestOf(layer)) },
  })

export interface Saved {
  readonly tags?: readonly string[] | null
  readonly layers?: readonly string[]
  /** In place of a list made of `layers`. */
  readonly paths?: readonly string[]
}

/** As `docker save` wrote before 25: `manifest.json` in the end. */
export function dockerSave({ tags = ['app:1'], layers = ['one', 'two'], paths }: Saved = {}): Entries {
  const places = paths ?? layers.map((_, index) => `${index}/layer.tar`)
  return [
    ...layers.map((layer, index) => [`${index}/layer.tar`, layer] as const),
    ['config.json', configOf(layers)],
    ['manifest.json', JSON.stringify([{ Config: 'config.json', RepoTags: tags, Layers: places }])],
  ]
}

export const pathOf = (content: string): string => `blobs/${digestOf(content).replace(':', '/')}`

export const descriptorOf = (content: string, mediaType: string, more: object = {}) => ({
  mediaType,
  digest: digestOf(content),
  size: Buffer.byteLength(content),
  ...more,
})

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const INDEX = 'application/vnd.oci.image.index.v1+json'

export const manifestOf = (config: string, layers: readonly string[], more: object = {}): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptorOf(config, 'application/vnd.oci.image.config.v1+json'),
    layers: layers.map((layer) => descriptorOf(layer, 'application/vnd.oci.image.layer.v1.tar')),
    ...more,
  })

export const indexOf = (manifests: readonly object[]): string =>
  JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests })

/** An OCI layout with these blobs. */
export const layoutOf = (manifests: readonly object[], blobs: readonly string[]): Entries => [
  ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
  ['index.json', indexOf(manifests)],
  ...blobs.map((blob) => [pathOf(blob), blob] as const),
]

export const named = (name: string) => ({ annotations: { 'io.containerd.image.name': name } })
export const tagged = (tag: string) => ({ annotations: { 'org.opencontainers.image.ref.name': tag } })
