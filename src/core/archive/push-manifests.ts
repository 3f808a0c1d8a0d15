/** The manifests of an archive on their way into one repository, children before their indexes. */
import type { Client } from '../client/client.ts'
import { RegistryError } from '../oci/error.ts'
import { isIndexType } from '../oci/media-type.ts'
import type { Archive, ArchiveManifest } from './archive.ts'
import { partialIndex, type Replacement } from './partial-index.ts'

export interface ManifestTarget {
  readonly archive: Archive
  readonly client: Client
  readonly repository: string
  /** Digests of blobs that neither the archive nor the registry has. */
  readonly missing: ReadonlySet<string>
  readonly signal: AbortSignal | undefined
}

/**
 * Gives what went in place of indexes that the registry does not take without what is missing.
 *
 * @param roots - images that were asked for themselves, not as part of an index
 * @throws RegistryError MANIFEST_BLOB_UNKNOWN where a root lacks a blob: of images an index is left with those that are
 * there, but a build cache is of no use without its parts
 */
export async function pushManifests(
  target: ManifestTarget,
  manifests: readonly ArchiveManifest[],
  roots: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Replacement>> {
  const instead = new Map<string, Replacement>()
  const broken = new Set<string>()
  for (const manifest of manifests) {
    const { digest } = manifest
    const lacking = manifest.manifest.blobs.find((blob) => target.missing.has(blob.digest))
    if (lacking && roots.has(digest)) throw lacks(lacking.digest)
    if (lacking) broken.add(digest)
    else if (isIndexType(manifest.manifest.mediaType)) {
      const replacement = await pushIndex(target, manifest, broken, instead)
      if (replacement) instead.set(digest, replacement)
    } else await put(target, manifest)
  }
  return instead
}

async function pushIndex(
  target: ManifestTarget,
  index: ArchiveManifest,
  broken: ReadonlySet<string>,
  instead: ReadonlyMap<string, Replacement>,
): Promise<Replacement | undefined> {
  try {
    return void (await put(target, index))
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code !== 'MANIFEST_BLOB_UNKNOWN') throw error
  }
  const { manifests, blobs } = target.archive
  const held = (digest: string) => instead.get(digest)?.manifest ?? manifests.get(digest)
  const { manifest, remark } = await partialIndex(index, {
    manifest: (digest) => (broken.has(digest) ? undefined : held(digest)),
    hasBlob: (digest) => blobs.has(digest),
  })
  await put(target, manifest)
  const within = index.manifest.manifests.map(({ digest }) => instead.get(digest)?.remark ?? '')
  return { manifest, remark: [remark, ...within].filter((text) => text !== '').join('; ') }
}

const put = (
  { client, repository, signal }: ManifestTarget,
  { digest, ...manifest }: ArchiveManifest,
): Promise<void> => client.putManifest(repository, digest, sent(manifest), { signal })

export const sent = ({ bytes, manifest }: Pick<ArchiveManifest, 'bytes' | 'manifest'>) => ({
  mediaType: manifest.mediaType,
  bytes,
})

const lacks = (digest: string): RegistryError =>
  new RegistryError(
    'MANIFEST_BLOB_UNKNOWN',
    `${digest} is missing, in the archive and in the registry; save the image again`,
  )
