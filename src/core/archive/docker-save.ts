/**
 * Tars of `docker save` before Docker 25, of podman and of skopeo: configs and layers, of which `manifest.json` says how
 * they belong together. There is no manifest of a registry in them, so one is made here, the same for the same image.
 *
 * @see https://github.com/moby/moby/blob/v28.0.0/image/spec/v1.2.md#combined-image-json--filesystem-changeset-format
 */
import type { Sliceable } from '../client/sliceable.ts'
import { isObject } from '../oci/descriptor.ts'
import { type Digest, digestOf, parseDigest } from '../oci/digest.ts'
import { parseManifest } from '../oci/manifest.ts'
import { OCI_MANIFEST } from '../oci/media-type.ts'
import type { Archive, ArchiveBlob, ArchiveImage, ArchiveManifest } from './archive.ts'
import { readJson, requireFile } from './archive-json.ts'
import { gunzip } from './gunzip.ts'
import { type ImageName, parseImageName } from './image-name.ts'
import { invalidArchive } from './invalid-archive.ts'
import { platformText } from './platform.ts'
import { compressionOf, type Tar } from './tar.ts'
import { shown, type TarFile } from './tar-index.ts'

const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar'

/** One entry of `manifest.json`. */
interface SavedImage {
  readonly config: string
  readonly layers: readonly string[]
  readonly tags: readonly string[]
}

/** @param list - `manifest.json` */
export async function readDockerSave(tar: Tar, list: TarFile): Promise<Archive> {
  const saved = parseList(await readJson(tar, list), list.name)
  const files = saved.flatMap(({ layers }) => layers.map((layer) => requireFile(tar, layer)))
  const sizes = await layerSizes(tar, new Set(files))
  const manifests = new Map<string, ArchiveManifest>()
  const blobs = new Map<string, ArchiveBlob>()
  const images = new Map<Digest, ArchiveImage>()
  for (const entry of saved) {
    const made = await makeManifest(tar, entry, sizes)
    const { digest, manifest } = made.manifest
    manifests.set(digest, made.manifest)
    for (const blob of made.blobs) blobs.set(blob.digest, blob)
    const size = manifest.blobs.reduce((sum, blob) => sum + blob.size, 0)
    const names = [...(images.get(digest)?.names ?? []), ...namesOf(entry)]
    images.set(digest, { digest, mediaType: OCI_MANIFEST, size, platforms: made.platforms, names })
  }
  return { format: 'docker', images: [...images.values()], manifests, blobs, tar }
}

function parseList(list: unknown, file: string): SavedImage[] {
  const isText = (value: unknown) => typeof value === 'string'
  const fail = () => invalidArchive(`${shown(file)} is not a list of images`)
  if (!Array.isArray(list) || list.length === 0) throw fail()
  return list.map((entry) => {
    const { Config: config, Layers: layers, RepoTags: tags } = isObject(entry) ? entry : {}
    if (typeof config !== 'string' || !Array.isArray(layers) || !layers.every(isText)) throw fail()
    return { config, layers, tags: Array.isArray(tags) ? tags.filter(isText) : [] }
  })
}

/** The bytes of each layer as the registry keeps it. Those that are compressed have to be read for that. */
async function layerSizes(tar: Tar, files: ReadonlySet<TarFile>): Promise<Map<TarFile, number>> {
  const sizes = new Map<TarFile, number>()
  for (const file of files) {
    const compression = compressionOf(file.head)
    if (compression === undefined) sizes.set(file, file.size)
    else if (compression !== 'gzip')
      throw invalidArchive(`${shown(file.name)} is compressed by ${compression}`)
  }
  const compressed = [...files].filter((file) => !sizes.has(file))
  for await (const [file, content] of tar.contents(compressed)) {
    sizes.set(file, await measure(content, file))
  }
  return sizes
}

async function measure(content: Sliceable | ReadableStream<Uint8Array>, file: TarFile): Promise<number> {
  let size = 0
  try {
    for await (const chunk of gunzip(content)) size += chunk.byteLength
    return size
  } catch (cause) {
    throw invalidArchive(`${shown(file.name)} cannot be decompressed`, cause)
  }
}

async function makeManifest(
  tar: Tar,
  { config, layers }: SavedImage,
  sizes: ReadonlyMap<TarFile, number>,
): Promise<{ manifest: ArchiveManifest; blobs: ArchiveBlob[]; platforms: string[] }> {
  const file = requireFile(tar, config)
  const json = await readJson(tar, file)
  const digest = await digestOf(await tar.read(file))
  const diffIds = diffIdsOf(json, file)
  if (diffIds.length !== layers.length) {
    throw invalidArchive(`${shown(config)} has ${diffIds.length} layers, its image ${layers.length}`)
  }
  const held = layers.map((layer, position): ArchiveBlob => {
    const file = requireFile(tar, layer)
    const isCompressed = compressionOf(file.head) !== undefined
    return { digest: diffIds[position]!, file, size: sizes.get(file)!, isCompressed }
  })
  const bytes = encode({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: CONFIG, digest, size: file.size },
    layers: held.map(({ digest, size }) => ({ mediaType: LAYER, digest, size })),
  })
  const manifest = { digest: await digestOf(bytes), bytes, manifest: parseManifest(bytes, OCI_MANIFEST) }
  const platform = platformText(json)
  const blobs = [{ digest, file, size: file.size, isCompressed: false }, ...held]
  return { manifest, blobs, platforms: platform === undefined ? [] : [platform] }
}

/** The digests of the layers, before any compression. */
function diffIdsOf(config: unknown, { name }: TarFile): Digest[] {
  const rootfs = isObject(config) ? config['rootfs'] : undefined
  const list = isObject(rootfs) ? rootfs['diff_ids'] : undefined
  const digests = Array.isArray(list) ? list.map((entry) => parseDigest(String(entry))) : [undefined]
  if (digests.every((digest) => digest !== undefined)) return digests
  throw invalidArchive(`${shown(name)} is not the config of an image`)
}

const namesOf = ({ tags }: SavedImage): ImageName[] =>
  tags.map(parseImageName).filter((name) => name !== undefined)

const encode = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value))
