/**
 * Reads tars of `docker save` before Docker 25, of podman and of skopeo: configs and layers, and a `manifest.json` that
 * says which belong together. They hold no OCI manifest, so one is made here, always the same for the same image.
 *
 * @see https://github.com/moby/moby/blob/v28.0.0/image/spec/v1.2.md#combined-image-json--filesystem-changeset-format
 */
import { isObject } from '../../oci/descriptor.ts'
import { type Digest, digestOf, parseDigest } from '../../oci/digest.ts'
import { parseManifest } from '../../oci/manifest.ts'
import { OCI_MANIFEST } from '../../oci/media-type.ts'
import { invalidArchive } from '../errors.ts'
import { type ImageName, parseImageName } from '../image-name.ts'
import { platformText } from '../platform.ts'
import { compressionIn, type Tar } from '../tar/tar.ts'
import { shown, type TarFile } from '../tar/tar-index.ts'
import type { Archive, ArchiveBlob, ArchiveImage, ArchiveManifest } from './archive.ts'
import { jsonIn, readJson, requireFile } from './json-file.ts'

const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar'

/** One entry of `manifest.json`. */
export interface SavedImage {
  readonly config: string
  readonly layers: readonly string[]
  readonly tags: readonly string[]
}

/** @param list - `manifest.json` */
export const readList = async (tar: Tar, list: TarFile): Promise<SavedImage[]> =>
  parseList(await readJson(tar, list), list.name)

/** @param list - `manifest.json` */
export async function readDockerSave(tar: Tar, list: TarFile): Promise<Archive> {
  const saved = await readList(tar, list)
  const files = saved.flatMap(({ layers }) => layers.map((layer) => requireFile(tar, layer)))
  const sizes = await layerSizes(tar, new Set(files))
  const manifests = new Map<string, ArchiveManifest>()
  const blobs = new Map<string, ArchiveBlob>()
  const images = new Map<Digest, ArchiveImage>()
  for (const entry of saved) {
    const made = await makeManifest(tar, entry, sizes)
    const { digest, manifest } = made.manifest
    manifests.set(digest, made.manifest)
    for (const blob of made.blobs) blobs.set(blob.digest, requireSame(blob, blobs.get(blob.digest)))
    const size = manifest.blobs.reduce((sum, blob) => sum + blob.size, 0)
    const names = [...(images.get(digest)?.names ?? []), ...namesOf(entry)]
    images.set(digest, { digest, mediaType: OCI_MANIFEST, size, platforms: made.platforms, names })
  }
  return { format: 'docker', images: [...images.values()], manifests, blobs, remarks: [], tar }
}

/** Two files may claim to be the same layer; programs that leave layers out write empty files. */
function requireSame(blob: ArchiveBlob, other: ArchiveBlob = blob): ArchiveBlob {
  if (blob.size === other.size) return blob
  const [one, two] = [blob, other].map(({ file, size }) => `${shown(file.name)} has ${size}`)
  throw invalidArchive(`two files should be the same layer, but ${one} bytes and ${two} bytes; save it again`)
}

function parseList(list: unknown, file: string): SavedImage[] {
  const isText = (value: unknown) => typeof value === 'string'
  const fail = () => invalidArchive(`${shown(file)} is not a list of images; save the archive again`)
  if (isObject(list) && 'schemaVersion' in list)
    throw invalidArchive(
      'the archive holds a folder that skopeo wrote for `dir:`; copy the image to oci-archive: instead',
    )
  if (!Array.isArray(list) || list.length === 0) throw fail()
  return list.map((entry) => {
    const { Config: config, Layers, RepoTags: tags } = isObject(entry) ? entry : {}
    const layers = Layers ?? [] // Go writes null for an empty list
    if (typeof config !== 'string' || !Array.isArray(layers) || !layers.every(isText)) throw fail()
    return { config, layers, tags: Array.isArray(tags) ? tags.filter(isText) : [] }
  })
}

/** The uncompressed size of each layer, in bytes. Compressed layers have to be read for that. */
async function layerSizes(tar: Tar, files: ReadonlySet<TarFile>): Promise<Map<TarFile, number>> {
  const sizes = new Map([...files].map((file) => [file, file.size]))
  const compressed = [...files].filter((file) => compressionIn(file) !== undefined)
  for await (const [file, content] of tar.contents(compressed)) {
    let size = 0
    for await (const chunk of tar.unpack(file, content)) size += chunk.byteLength
    sizes.set(file, size)
  }
  return sizes
}

async function makeManifest(
  tar: Tar,
  { config, layers }: SavedImage,
  sizes: ReadonlyMap<TarFile, number>,
): Promise<{ manifest: ArchiveManifest; blobs: ArchiveBlob[]; platforms: string[] }> {
  const file = requireFile(tar, config)
  const content = await tar.read(file)
  const json = jsonIn(content, file)
  const digest = await digestOf(content)
  const diffIds = diffIdsOf(json, file)
  if (diffIds.length !== layers.length) {
    throw invalidArchive(
      `${shown(config)} has ${diffIds.length} layers, but manifest.json lists ${layers.length}; save it again`,
    )
  }
  const held = layers.map((layer, position): ArchiveBlob => {
    const file = requireFile(tar, layer)
    const isCompressed = compressionIn(file) !== undefined
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

/** The digests of the uncompressed layers. Go writes null for an empty list. */
export function diffIdsOf(config: unknown, { name }: TarFile): Digest[] {
  const rootfs = isObject(config) ? config['rootfs'] : undefined
  const list = isObject(rootfs) ? (rootfs['diff_ids'] ?? []) : undefined
  const digests = Array.isArray(list) ? list.map((entry) => parseDigest(String(entry))) : [undefined]
  if (digests.every((digest) => digest !== undefined)) return digests
  throw invalidArchive(`${shown(name)} is not the config of an image`)
}

export const namesOf = ({ tags }: SavedImage): ImageName[] =>
  tags.map(parseImageName).filter((name) => name !== undefined)

const encode = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value))
