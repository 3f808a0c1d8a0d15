/**
 * Pushes what an archive holds: blobs, then manifests (children before their indexes), then tags. Images go to the
 * repositories and tags that the archive names, or that the caller does.
 */
import type { Client } from '../../client/client.ts'
import type { Digest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { requireName, requireTag } from '../../oci/name.ts'
import { invalidArchive } from '../errors.ts'
import type { Archive, ArchiveImage } from './archive.ts'
import { type Needs, needsOf } from './needs.ts'
import { type ArchiveProgress, createProgress } from './progress.ts'
import { pushBlobs } from './push-blobs.ts'
import { pushManifests, sent } from './push-manifests.ts'

export interface PushArchiveOptions extends TargetOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: ArchiveProgress) => void) | undefined
}

export interface PushedImage {
  readonly repository: string
  readonly tags: readonly string[]
  /** What the registry stores: for an index of which the archive lacks images, the digest of its replacement. */
  readonly digest: Digest
  /** What is missing of the index, as a sentence. */
  readonly remark?: string
}

/**
 * Sends only what the registry lacks. After a failure, a second call continues where the first one stopped.
 *
 * @throws RegistryError the registry's own, naming the file that it refused; NAME_INVALID, TAG_INVALID,
 * MANIFEST_BLOB_UNKNOWN where neither side has a blob
 */
export async function pushArchive(
  archive: Archive,
  client: Client,
  options: PushArchiveOptions = {},
): Promise<PushedImage[]> {
  const targets = targetsOf(archive, options)
  const needs = [...targets].map(([repository, images]) => {
    return { repository, images, ...needsOf(archive, ...images.keys()) }
  })
  for (const needed of needs) requireOneSize(archive, needed)
  const total = needs.reduce((sum, { blobs }) => sum + sizeOf(archive, blobs), 0)
  const progress = createProgress(total, options.onProgress)
  const pushed: PushedImage[] = []
  const done: string[] = []
  for (const { repository, images, manifests, blobs } of needs) {
    const { signal } = options
    const target = { archive, client, repository, signal }
    const missing = await pushBlobs({ ...target, from: done.at(-1), progress }, blobs)
    const replacements = await pushManifests({ ...target, missing }, manifests, new Set(images.keys()))
    for (const [image, tags] of images) {
      const { manifest, ...rest } = replacements.get(image) ?? { manifest: archive.manifests.get(image)! }
      for (const tag of tags) await client.putManifest(repository, tag, sent(manifest), { signal })
      pushed.push({ repository, tags, digest: manifest.digest, ...rest })
    }
    done.push(repository)
  }
  options.onProgress?.({ done: total, total })
  return pushed
}

const sizeOf = ({ blobs }: Archive, needed: readonly { readonly digest: string }[]): number =>
  needed.reduce((sum, { digest }) => sum + (blobs.get(digest)?.size ?? 0), 0)

/** Registries accept any size in a manifest, but clients refuse to pull a blob whose size differs. */
function requireOneSize(archive: Archive, { manifests, blobs }: Needs): void {
  const sizes = new Map(blobs.map(({ digest, size }) => [digest, size]))
  for (const [digest, { bytes }] of archive.manifests) sizes.set(digest, bytes.byteLength)
  for (const { digest, size } of manifests.flatMap(({ manifest }) => [
    ...manifest.blobs,
    ...manifest.manifests,
  ])) {
    const known = sizes.get(digest) ?? size
    if (known === size) continue
    throw invalidArchive(`${digest} has ${known} bytes, but a manifest says ${size}; save the image again`)
  }
}

export interface TargetOptions {
  /** Replaces the repositories that the archive names; required if it names none. */
  readonly repository?: string | undefined
  /** Replaces the tags that the archive gives; only for a single image. */
  readonly tag?: string | undefined
}

/** By repository: the tags of each image. */
export type Targets = ReadonlyMap<string, ReadonlyMap<Digest, readonly string[]>>

/** @throws RegistryError NAME_INVALID, TAG_INVALID */
export function targetsOf({ images }: Archive, { repository, tag }: TargetOptions): Targets {
  const own = images.filter((image) => !isCompanion(image))
  const tagged = own.filter(({ names }) => names.some(({ tag }) => tag !== undefined))
  const retagged = tagged.length > 0 ? tagged : own
  if (tag !== undefined && retagged.length > 1) {
    throw new RegistryError(
      'TAG_INVALID',
      `the archive has ${retagged.length} images, and one tag can only name one; leave out the tag`,
    )
  }
  const targets = new Map<string, Map<Digest, string[]>>()
  for (const image of images) {
    for (const name of image.names.length > 0 ? image.names : [{}]) {
      const given = tag !== undefined && retagged.includes(image) ? tag : name.tag
      add(targets, image, repository ?? name.repository, given)
    }
  }
  return targets
}

/**
 * A signature or a list of referrers, whose tag is derived from a digest and must stay.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema
 */
const isCompanion = ({ names }: ArchiveImage): boolean =>
  names.length > 0 && names.every(({ tag }) => /^sha(256|512)-[0-9a-f]{64,}(\.\w+)?$/.test(tag ?? ''))

function add(
  targets: Map<string, Map<Digest, string[]>>,
  { digest }: ArchiveImage,
  repository: string | undefined,
  tag: string | undefined,
): void {
  if (repository === undefined) {
    throw new RegistryError('NAME_INVALID', 'the archive does not name its image; name a repository for it')
  }
  const images = targets.get(requireName(repository)) ?? new Map<Digest, string[]>()
  const tags = images.get(digest) ?? []
  if (tag !== undefined && !tags.includes(requireTag(tag))) tags.push(tag)
  targets.set(repository, images.set(digest, tags))
}
