/** Pushing what an archive holds: blobs, then manifests, children before their indexes, then tags. */
import type { Client } from '../client/client.ts'
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { isIndexType } from '../oci/media-type.ts'
import type { Archive, ArchiveManifest } from './archive.ts'
import { needsOf } from './needs.ts'
import { createProgress, pushBlobs } from './push-blobs.ts'
import { type TargetOptions, targetsOf } from './push-targets.ts'

export interface PushArchiveOptions extends TargetOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: ArchiveProgress) => void) | undefined
}

export interface ArchiveProgress {
  /** Bytes of blobs that the registry has, by this push or from before. */
  readonly done: number
  readonly total: number
  /** The blob that is on its way. */
  readonly digest?: Digest | undefined
}

export interface PushedImage {
  readonly repository: string
  readonly tags: readonly string[]
  /** As the registry knows it: of an index that the archive holds only one image of, that image may stand here. */
  readonly digest: Digest
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
  const total = needs.reduce((sum, { blobs }) => sum + sizeOf(archive, blobs), 0)
  const progress = createProgress(total, options.onProgress)
  const pushed: PushedImage[] = []
  const done: string[] = []
  for (const { repository, images, manifests, blobs } of needs) {
    const waiting = { signal: options.signal }
    await pushBlobs({ archive, client, repository, from: done.at(-1), progress, ...waiting }, blobs)
    const instead = await pushManifests(client, archive, repository, manifests, waiting)
    for (const [image, tags] of images) {
      const digest = instead.get(image) ?? image
      const manifest = archive.manifests.get(digest)!
      for (const tag of tags) await client.putManifest(repository, tag, sent(manifest), waiting)
      pushed.push({ repository, tags, digest })
    }
    done.push(repository)
  }
  return pushed
}

const sizeOf = ({ blobs }: Archive, needed: readonly { readonly digest: string }[]): number =>
  needed.reduce((sum, { digest }) => sum + (blobs.get(digest)?.size ?? 0), 0)

/** Gives what stands in for indexes that the registry does not take without their missing children. */
async function pushManifests(
  client: Client,
  archive: Archive,
  repository: string,
  manifests: readonly ArchiveManifest[],
  waiting: { readonly signal: AbortSignal | undefined },
): Promise<Map<Digest, Digest>> {
  const instead = new Map<Digest, Digest>()
  for (const manifest of manifests) {
    try {
      await client.putManifest(repository, manifest.digest, sent(manifest), waiting)
    } catch (error) {
      const only = isRefusal(error) ? onlyImageIn(archive, manifest) : undefined
      if (only === undefined) throw error
      instead.set(manifest.digest, only)
    }
  }
  return instead
}

const isRefusal = (error: unknown): boolean =>
  error instanceof RegistryError && error.code === 'MANIFEST_BLOB_UNKNOWN'

/** `docker save` keeps the index of an image but only the one platform that was pulled. Docker then pushes that one. */
function onlyImageIn({ manifests }: Archive, { manifest }: ArchiveManifest): Digest | undefined {
  if (!isIndexType(manifest.mediaType)) return undefined
  const images = manifest.manifests.filter(
    ({ digest, platform }) => manifests.has(digest) && platform?.os !== 'unknown',
  )
  return images.length === 1 ? manifests.get(images[0]!.digest)!.digest : undefined
}

const sent = ({ bytes, manifest }: ArchiveManifest) => ({ mediaType: manifest.mediaType, bytes })
