/** Pushing what an archive holds: blobs, then manifests, children before their indexes, then tags. */
import type { Client } from '../client/client.ts'
import type { Digest } from '../oci/digest.ts'
import type { Archive } from './archive.ts'
import { invalidArchive } from './archive-error.ts'
import { type Needs, needsOf } from './needs.ts'
import { type ArchiveProgress, createProgress } from './progress.ts'
import { pushBlobs } from './push-blobs.ts'
import { pushManifests, sent } from './push-manifests.ts'
import { type TargetOptions, targetsOf } from './push-targets.ts'

export interface PushArchiveOptions extends TargetOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: ArchiveProgress) => void) | undefined
}

export interface PushedImage {
  readonly repository: string
  readonly tags: readonly string[]
  /** As the registry knows it: of an index that the archive does not hold all of, what went in its place. */
  readonly digest: Digest
  /** What of the index is missing, a sentence. */
  readonly remark?: string
}

/**
 * Sends only what the registry lacks. After a failure a second call goes on where the first one was.
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
    const instead = await pushManifests({ ...target, missing }, manifests, new Set(images.keys()))
    for (const [image, tags] of images) {
      const { manifest, ...said } = instead.get(image) ?? { manifest: archive.manifests.get(image)! }
      for (const tag of tags) await client.putManifest(repository, tag, sent(manifest), { signal })
      pushed.push({ repository, tags, digest: manifest.digest, ...said })
    }
    done.push(repository)
  }
  options.onProgress?.({ done: total, total })
  return pushed
}

const sizeOf = ({ blobs }: Archive, needed: readonly { readonly digest: string }[]): number =>
  needed.reduce((sum, { digest }) => sum + (blobs.get(digest)?.size ?? 0), 0)

/** A registry takes any size in a manifest, but no client pulls a blob or a manifest of another one. */
function requireOneSize(archive: Archive, { manifests, blobs }: Needs): void {
  const sizes = new Map(blobs.map(({ digest, size }) => [digest, size]))
  for (const [digest, { bytes }] of archive.manifests) sizes.set(digest, bytes.byteLength)
  for (const { digest, size } of manifests.flatMap(({ manifest }) => [
    ...manifest.blobs,
    ...manifest.manifests,
  ])) {
    const known = sizes.get(digest) ?? size
    if (known === size) continue
    throw invalidArchive(`${digest} has ${known} bytes, and ${size} by a manifest; save the image again`)
  }
}
