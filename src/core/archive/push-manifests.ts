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
  const outcome: Outcome = { instead: new Map(), broken: new Set() }
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
  return outcome.instead
}

interface Outcome {
  readonly instead: Map<string, Replacement>
  /** What is in the archive, but not all that it needs. */
  readonly broken: Set<string>
}

function requireBlobs({ missing }: ManifestTarget, { manifest }: ArchiveManifest): void {
  const lacking = manifest.blobs.find(({ digest }) => missing.has(digest))
  if (!lacking) return
  throw new RegistryError(
    'MANIFEST_BLOB_UNKNOWN',
    `${lacking.digest} is missing, in the archive and in the registry; save the image again`,
  )
}

async function pushIndex(
  target: ManifestTarget,
  index: ArchiveManifest,
  { instead, broken }: Outcome,
): Promise<void> {
  try {
    return await put(target, index)
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
  const { manifests, blobs } = target.archive
  const held = (digest: string) => instead.get(digest)?.manifest ?? manifests.get(digest)
  const { manifest, remark } = await partialIndex(index, {
    manifest: (digest) => (broken.has(digest) ? undefined : held(digest)),
    hasBlob: (digest) => blobs.has(digest),
  })
  await put(target, manifest)
  const within = index.manifest.manifests.map(({ digest }) => instead.get(digest)?.remark ?? '')
  const said = [remark, ...within].filter((text) => text !== '').join('; ')
  instead.set(index.digest, { manifest, remark: said })
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
