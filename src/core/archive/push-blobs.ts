/** The blobs of an archive on their way into one repository. */
import type { Client } from '../client/client.ts'
import type { Sliceable } from '../client/sliceable.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { type Digest, parseDigest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { isForeignLayerType } from '../oci/media-type.ts'
import type { Archive, ArchiveBlob } from './archive.ts'
import { gunzip } from './gunzip.ts'
import { shown, type TarFile } from './tar-index.ts'

export interface BlobTarget {
  readonly archive: Archive
  readonly client: Client
  readonly repository: string
  /** Another repository, to which the same archive went before. */
  readonly from: string | undefined
  readonly progress: Progress
  readonly signal: AbortSignal | undefined
}

export interface Progress {
  /** `sent` bytes of a blob are under way. */
  move(digest: Digest, sent: number): void
  finish(size: number): void
}

export function createProgress(
  total: number,
  onProgress: (progress: { done: number; total: number; digest?: Digest }) => void = () => {},
): Progress {
  let done = 0
  onProgress({ done, total })
  return {
    move: (digest, sent) => onProgress({ done: done + sent, total, digest }),
    finish(size) {
      done += size
      onProgress({ done, total })
    },
  }
}

export async function pushBlobs(target: BlobTarget, needed: readonly Descriptor[]): Promise<void> {
  const missing = new Map<TarFile, ArchiveBlob>()
  for (const descriptor of needed) {
    const held = target.archive.blobs.get(descriptor.digest)
    if (await isThere(target, descriptor, held !== undefined)) target.progress.finish(held?.size ?? 0)
    else if (held) missing.set(held.file, held)
    else refuseToMiss(descriptor)
  }
  for await (const [file, content] of target.archive.tar.contents(missing.keys())) {
    await pushOne(target, missing.get(file)!, content)
  }
}

/** What the archive has need not come from the registry's peers. */
async function isThere(target: BlobTarget, descriptor: Descriptor, onlyHere: boolean): Promise<boolean> {
  const { client, repository, from, signal } = target
  const digest = parseDigest(descriptor.digest)
  if (!digest) return false
  if ((await client.blobSize(repository, digest, { onlyHere, signal })) !== undefined) return true
  return await client.mountBlob(repository, digest, from, { signal })
}

/** Layers that come from elsewhere need not be in the archive; what has no type may be a manifest of the registry. */
function refuseToMiss({ digest, mediaType, urls = [] }: Descriptor): void {
  if (mediaType === '' || (isForeignLayerType(mediaType) && urls.length > 0)) return
  throw new RegistryError('MANIFEST_BLOB_UNKNOWN', `${digest} is missing, in the archive and in the registry`)
}

async function pushOne(
  { client, repository, progress, signal }: BlobTarget,
  { digest, file, size, isCompressed }: ArchiveBlob,
  content: Sliceable | ReadableStream<Uint8Array>,
): Promise<void> {
  const onProgress = (sent: number) => progress.move(digest, sent)
  try {
    await client.pushBlob(repository, digest, isCompressed ? gunzip(content) : content, {
      signal,
      onProgress,
    })
  } catch (error) {
    throw error instanceof RegistryError ? naming(file, digest, error) : error
  }
  progress.finish(size)
}

function naming({ name }: TarFile, digest: Digest, cause: RegistryError): RegistryError {
  const { code, status, detail } = cause
  const message =
    code === 'DIGEST_INVALID'
      ? `${shown(name)} is damaged: its digest is not ${digest}`
      : `${shown(name)}: ${cause.message}`
  return new RegistryError(code, message, { status, detail, cause })
}
