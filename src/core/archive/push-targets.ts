/** Where the images of an archive go: by the names that the archive gives, or by the caller's. */
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { requireName, requireTag } from '../oci/name.ts'
import type { Archive, ArchiveImage } from './archive.ts'

export interface TargetOptions {
  /** In place of the repositories that the archive names; needed where it names none. */
  readonly repository?: string | undefined
  /** In place of the tags that the archive gives; only for one image. */
  readonly tag?: string | undefined
}

/** The tags of each image, by repository. */
export type Targets = ReadonlyMap<string, ReadonlyMap<Digest, readonly string[]>>

/** @throws RegistryError NAME_INVALID, TAG_INVALID */
export function targetsOf({ images }: Archive, { repository, tag }: TargetOptions): Targets {
  const own = images.filter((image) => !isCompanion(image))
  const tagged = own.filter(({ names }) => names.some(({ tag }) => tag !== undefined))
  const retagged = tagged.length > 0 ? tagged : own
  if (tag !== undefined && retagged.length > 1) {
    throw new RegistryError(
      'TAG_INVALID',
      `the archive has ${retagged.length} images, which one tag cannot name`,
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
 * A signature, or a list of referrers, under the tag that it has to have.
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
    throw new RegistryError('NAME_INVALID', 'the archive does not name its image; choose a repository')
  }
  const images = targets.get(requireName(repository)) ?? new Map<Digest, string[]>()
  const tags = images.get(digest) ?? []
  if (tag !== undefined && !tags.includes(requireTag(tag))) tags.push(tag)
  targets.set(repository, images.set(digest, tags))
}
