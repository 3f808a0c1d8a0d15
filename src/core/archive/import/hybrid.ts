/**
 * Reads tars that are an OCI layout and a `docker save` at once, as Docker and buildx write them. The layout says more and
 * is used, unless `manifest.json` contradicts it and the image's own config confirms `manifest.json`: Docker 25.0.0 left
 * the layers out of its layouts.
 *
 * @see https://github.com/moby/moby/issues/47065
 */
import type { Descriptor } from '../../oci/descriptor.ts'
import { type Digest, digestOf } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { invalidArchive } from '../errors.ts'
import { programOf } from '../tar/compression.ts'
import type { Tar } from '../tar/tar.ts'
import { shown, type TarFile } from '../tar/tar-index.ts'
import type { Archive, ArchiveImage, ArchiveManifest } from './archive.ts'
import { diffIdsOf, namesOf, readDockerSave, readList, type SavedImage } from './docker-save.ts'
import { jsonIn, requireFile } from './json-file.ts'
import { needsOf } from './needs.ts'
import { readOciLayout } from './oci-layout.ts'

/** An image of `manifest.json`, and the manifest of the layout with the same config. */
interface Pair {
  readonly saved: SavedImage
  readonly diffIds: readonly Digest[]
  readonly manifest: ArchiveManifest | undefined
}

export async function readHybrid(tar: Tar, index: TarFile, list: TarFile): Promise<Archive> {
  const layout = await attempt(readOciLayout(tar, index))
  if (layout instanceof RegistryError) {
    const saved = await attempt(readDockerSave(tar, list))
    if (saved instanceof RegistryError) throw layout
    return remarking(saved, `index.json is ignored: ${layout.message}`)
  }
  const pairs = await attempt(pairsOf(layout, await attempt(readList(tar, list))))
  if (pairs instanceof RegistryError) return remarking(layout, `manifest.json is ignored: ${pairs.message}`)
  const wrong = pairs.find((pair) => !isConsistent(layout, pair))
  if (!wrong) return named(layout, pairs)
  return decide(layout, list, wrong)
}

async function decide(layout: Archive, list: TarFile, { saved, diffIds, manifest }: Pair): Promise<Archive> {
  const { length } = saved.layers
  if (!manifest) {
    throw invalidArchive(
      `index.json and manifest.json name different images: no image of index.json has ${shown(saved.config)}; save it again`,
    )
  }
  const counts = `${diffIds.length} layers by its config, ${layersOf(manifest).length} by index.json, ${length} by manifest.json`
  if (matchesConfig(layout, layersOf(manifest), diffIds))
    return remarking(layout, `manifest.json is ignored: ${counts}`)
  if (length !== diffIds.length) throw invalidArchive(`${shown(saved.config)} has ${counts}; save it again`)
  return remarking(await readDockerSave(layout.tar, list), `index.json is ignored: ${counts}`)
}

async function pairsOf(layout: Archive, list: SavedImage[] | RegistryError): Promise<Pair[]> {
  if (list instanceof RegistryError) throw list
  const { tar, manifests } = layout
  const byConfig = new Map([...manifests.values()].map((held) => [held.manifest.blobs[0]?.digest, held]))
  const pairs: Pair[] = []
  for (const saved of list) {
    const file = requireFile(tar, saved.config)
    for (const layer of saved.layers) requireFile(tar, layer)
    const content = await tar.read(file)
    const diffIds = diffIdsOf(jsonIn(content, file), file)
    pairs.push({ saved, diffIds, manifest: byConfig.get(await digestOf(content)) })
  }
  return pairs
}

/** Both halves agree, or the config confirms the layout. */
function isConsistent(layout: Archive, { saved, diffIds, manifest }: Pair): boolean {
  if (!manifest) return false
  const layers = layersOf(manifest)
  if (layers.length !== saved.layers.length) return false
  const isSame = layers.every(({ digest }, at) => {
    const file = layout.blobs.get(digest)?.file
    return file !== undefined && file === layout.tar.find(saved.layers[at]!)
  })
  return isSame || matchesConfig(layout, layers, diffIds)
}

/** As many layers as the config has, all in the archive, and each uncompressed one has the digest that the config says. */
const matchesConfig = (
  { blobs }: Archive,
  layers: readonly Descriptor[],
  diffIds: readonly Digest[],
): boolean =>
  layers.length === diffIds.length &&
  layers.every(({ digest }, at) => {
    const held = blobs.get(digest)
    return held !== undefined && (digest === diffIds[at] || programOf(held.file.head) !== undefined)
  })

const layersOf = ({ manifest }: ArchiveManifest): readonly Descriptor[] => manifest.blobs.slice(1)

/** Images that the layout doesn't name may have names in `manifest.json`. */
function named(layout: Archive, pairs: readonly Pair[]): Archive {
  const complete = (image: ArchiveImage): ArchiveImage => {
    if (image.names.some(({ repository }) => repository !== undefined)) return image
    const needed = needsOf(layout, image.digest).manifests
    const names = pairs
      .filter(({ manifest }) => needed.includes(manifest!))
      .flatMap(({ saved }) => namesOf(saved))
    return names.length > 0 ? { ...image, names } : image
  }
  return { ...layout, images: layout.images.map(complete) }
}

const remarking = (archive: Archive, remark: string): Archive => ({
  ...archive,
  remarks: [...archive.remarks, remark],
})

const attempt = <T>(reading: Promise<T>): Promise<T | RegistryError> =>
  reading.catch((error) => {
    if (error instanceof RegistryError) return error
    throw error
  })
