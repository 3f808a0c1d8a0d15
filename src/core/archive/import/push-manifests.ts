/** Pushes the manifests of an archive into one repository, children before their indexes. */
import type { Client } from '../../client/client.ts'
import { RegistryError } from '../../oci/error.ts'
import { isIndexType } from '../../oci/media-type.ts'
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
 * @returns the replacements of indexes that the registry refused because images in them are missing
 *
 * @param roots - images that are pushed in their own right, not only as children of an index
 * @throws RegistryError MANIFEST_BLOB_UNKNOWN if a root lacks a blob. An index can be reduced to the images that are
 * there, but an image or a build cache is of no use without all of its blobs
 */
export async function pushManifests(
  target: ManifestTarget,
  manifests: readonly ArchiveManifest[],
  roots: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Replacement>> {
  const outcome: Outcome = { replacements: new Map(), broken: new Set() }
  for (const manifest of manifests) {
    try {
      requireBlobs(target, manifest)
      if (isIndexType(manifest.manifest.mediaType)) await pushIndex(target, manifest, outcome)
      else await put(target, manifest)
    } catch (error) {
      if (roots.has(manifest.digest) || !isRefusal(error)) throw error
      outcome.broken.add(manifest.digest)
    }
  }
  return outcome.replacements
}

interface Outcome {
  readonly replacements: Map<string, Replacement>
  /** Manifests in the archive that lack something they need. */
  readonly broken: Set<string>
}

function requireBlobs({ missing }: ManifestTarget, { manifest }: ArchiveManifest): void {
  const blob = manifest.blobs.find(({ digest }) => missing.has(digest))
  if (!blob) return
  throw new RegistryError(
    'MANIFEST_BLOB_UNKNOWN',
    `${blob.digest} is neither in the archive nor in the registry; save the image again`,
  )
}

async function pushIndex(
  target: ManifestTarget,
  index: ArchiveManifest,
  { replacements, broken }: Outcome,
): Promise<void> {
  try {
    return await put(target, index)
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
  const { manifests, blobs } = target.archive
  const held = (digest: string) => replacements.get(digest)?.manifest ?? manifests.get(digest)
  const { manifest, remark } = await partialIndex(index, {
    manifest: (digest) => (broken.has(digest) ? undefined : held(digest)),
    hasBlob: (digest) => blobs.has(digest),
  })
  await put(target, manifest)
  const within = index.manifest.manifests.map(({ digest }) => replacements.get(digest)?.remark ?? '')
  const remarks = [remark, ...within].filter((text) => text !== '').join('; ')
  replacements.set(index.digest, { manifest, remark: remarks })
}

const isRefusal = (error: unknown): boolean =>
  error instanceof RegistryError && error.code === 'MANIFEST_BLOB_UNKNOWN'

const put = (
  { client, repository, signal }: ManifestTarget,
  { digest, ...manifest }: ArchiveManifest,
): Promise<void> => client.putManifest(repository, digest, sent(manifest), { signal })

export const sent = ({ bytes, manifest }: Pick<ArchiveManifest, 'bytes' | 'manifest'>) => ({
  mediaType: manifest.mediaType,
  bytes,
})
