/**
 * Reads tars with an OCI image layout: those of Docker since 25, buildx, podman and skopeo (`oci-archive`), and ctr.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */

import { type Descriptor, isObject } from '../../oci/descriptor.ts'
import { algorithmOf, type Digest, digestOf, parseDigest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { readImageConfig } from '../../oci/image-config.ts'
import { childrenOf, parseManifest } from '../../oci/manifest.ts'
import { isIndexType, isManifestType } from '../../oci/media-type.ts'
import { isTag } from '../../oci/name.ts'
import { invalidArchive } from '../errors.ts'
import { pathOf } from '../export/layout-files.ts'
import { type ImageName, parseImageName } from '../image-name.ts'
import { platformText } from '../platform.ts'
import type { Tar } from '../tar/tar.ts'
import { shown, type TarFile } from '../tar/tar-index.ts'
import type { Archive, ArchiveBlob, ArchiveImage, ArchiveManifest } from './archive.ts'
import { readJson } from './json-file.ts'
import { needsOf } from './needs.ts'

/** containerd and Docker put the full name of an image here. */
const IMAGE_NAME = 'io.containerd.image.name'
const REF_NAME = 'org.opencontainers.image.ref.name'

/** `cosign save` marks signatures with this; in a registry, their tags mark them. */
const COSIGN_KIND = 'kind'
const SUFFIXES = new Map([
  ['dev.cosignproject.cosign/sigs', '.sig'],
  ['dev.cosignproject.cosign/atts', '.att'],
])

const BRACE = 0x7b

/** @param index - `index.json` */
export async function readOciLayout(tar: Tar, index: TarFile): Promise<Archive> {
  const maps = { manifests: new Map(), blobs: new Map() } as const
  const archive = { format: 'oci', images: [], ...maps, remarks: [], tar } as const
  const roots = await rootsOf(tar, index)
  for (const root of roots) {
    if (await addManifest(archive, root)) continue
    throw invalidArchive(
      `${shown(pathOf(root.digest as Digest))}, which index.json lists, is missing in the archive; save it again`,
    )
  }
  return { ...archive, images: await imagesOf(archive, roots) }
}

interface Layout extends Archive {
  readonly manifests: Map<string, ArchiveManifest>
  readonly blobs: Map<string, ArchiveBlob>
}

/** The manifests in `index.json`, also those without a type. It may list other files as well. */
async function rootsOf(tar: Tar, index: TarFile): Promise<Descriptor[]> {
  const { manifests, blobs } = await readIndex(tar, index)
  const roots = [...manifests]
  for (const blob of blobs) if (blob.mediaType === '' || (await isManifest(tar, blob))) roots.push(blob)
  if (roots.length > 0) return roots
  throw invalidArchive(`${shown(index.name)} lists no manifests; save the archive again`)
}

async function readIndex(tar: Tar, file: TarFile): Promise<ReturnType<typeof childrenOf>> {
  const json = await readJson(tar, file)
  return reading(file, () => childrenOf(isObject(json) ? json : {}))
}

/** Adds a manifest and what it needs, as far as the archive holds it. `false` if the manifest itself is missing. */
async function addManifest(layout: Layout, root: Descriptor): Promise<boolean> {
  const pending = [root]
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (layout.manifests.has(next.digest)) continue
    const held = await readManifest(layout.tar, next)
    if (!held) continue
    layout.manifests.set(next.digest, held)
    const { manifests, blobs, mediaType } = held.manifest
    for (const child of manifests) pending.push(child)
    for (const blob of blobs) {
      const isUntyped = isIndexType(mediaType) && blob.mediaType === ''
      if (isUntyped && (await isManifest(layout.tar, blob))) pending.push(blob)
      else addBlob(layout, blob)
    }
  }
  return layout.manifests.has(root.digest)
}

async function readManifest(tar: Tar, descriptor: Descriptor): Promise<ArchiveManifest | undefined> {
  const file = tar.find(pathOf(descriptor.digest as Digest))
  if (!file) return undefined
  const digest = parseDigest(descriptor.digest)
  const bytes = await tar.read(file)
  if (!digest || digest !== (await digestOf(bytes, algorithmOf(digest)))) {
    throw invalidArchive(
      `${shown(file.name)} is damaged: its bytes do not match its digest; save the archive again`,
    )
  }
  const type = isManifestType(descriptor.mediaType) ? descriptor.mediaType : undefined
  return { digest, bytes, manifest: reading(file, () => parseManifest(bytes, type)) }
}

/** Whether a descriptor without a manifest's type points at a manifest all the same. */
async function isManifest(tar: Tar, descriptor: Descriptor): Promise<boolean> {
  if (tar.find(pathOf(descriptor.digest as Digest))?.head[0] !== BRACE) return false
  try {
    return (await readManifest(tar, descriptor)) !== undefined
  } catch (error) {
    if (error instanceof RegistryError) return false
    throw error
  }
}

/** Adds the file's name to errors of `parse`. */
function reading<T>({ name }: TarFile, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw cause instanceof RegistryError ? invalidArchive(`${shown(name)}: ${cause.message}`, cause) : cause
  }
}

function addBlob({ tar, blobs }: Layout, descriptor: Descriptor): void {
  const digest = parseDigest(descriptor.digest)
  const file = digest && tar.find(pathOf(descriptor.digest as Digest))
  if (!file) return
  if (file.size !== descriptor.size) {
    throw invalidArchive(
      `${shown(file.name)} has ${file.size} bytes, but its manifest says ${descriptor.size}; save the archive again`,
    )
  }
  blobs.set(digest, { digest, file, size: file.size, isCompressed: false })
}

/** An entry for each name of the same image makes one image. */
async function imagesOf(layout: Layout, roots: readonly Descriptor[]): Promise<ArchiveImage[]> {
  const signed = roots.find(({ annotations }) => /\/image(Index)?$/.test(annotations?.[COSIGN_KIND] ?? ''))
  const images = new Map<string, ArchiveImage>()
  for (const root of roots) {
    const { digest, manifest } = layout.manifests.get(root.digest)!
    const { blobs } = needsOf(layout, digest)
    const size = blobs.reduce((sum, blob) => sum + (layout.blobs.get(blob.digest)?.size ?? 0), 0)
    const names = [...(images.get(digest)?.names ?? []), ...namesOf(root, signed)]
    const platforms = await platformsOf(layout, root)
    images.set(digest, { digest, mediaType: manifest.mediaType, size, platforms, names })
  }
  return [...images.values()]
}

/** @param signed - the signed image, in an archive made by `cosign save` */
function namesOf({ annotations = {} }: Descriptor, signed: Descriptor | undefined): ImageName[] {
  const suffix = SUFFIXES.get(annotations[COSIGN_KIND] ?? '')
  if (signed && suffix) return [{ tag: signed.digest.replace(':', '-') + suffix }]
  const full = annotations[IMAGE_NAME]
  const reference = annotations[REF_NAME]
  const name = full === undefined ? undefined : parseImageName(full)
  if (name) return [name]
  if (reference === undefined) return []
  if (isTag(reference)) return [{ tag: reference }]
  const named = parseImageName(reference)
  return named ? [named] : []
}

/** The platforms of the children that are in the archive, or of the image itself. */
async function platformsOf({ manifests, blobs, tar }: Layout, root: Descriptor): Promise<string[]> {
  const { manifest } = manifests.get(root.digest)!
  const children = [...manifest.manifests, ...manifest.blobs].filter(({ digest }) => manifests.has(digest))
  const platforms = isIndexType(manifest.mediaType)
    ? children.map(({ platform }) => platformText(platform))
    : [platformText(root.platform) ?? (await platformIn(tar, blobs.get(manifest.blobs[0]?.digest ?? '')))]
  return platforms.filter((platform) => platform !== undefined)
}

/** The config of an artifact may be anything. */
async function platformIn(tar: Tar, config: ArchiveBlob | undefined): Promise<string | undefined> {
  if (!config?.file.size) return undefined
  return platformText(readImageConfig(await tar.read(config.file).catch(() => undefined)))
}
