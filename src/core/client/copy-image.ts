/** Copies an image to another registry, or to another name in the same one. Only what the target lacks is sent. */
import type { Descriptor } from '../oci/descriptor.ts'
import { type Digest, requireDigest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import type { Client } from './client.ts'
import { type ImageTree, readImageTree, readManifest, type TreeManifest } from './image-tree.ts'
import { sliceableBlob } from './sliceable-blob.ts'

export interface CopySource {
  readonly client: Client
  readonly repository: string
  /** A tag or a digest. */
  readonly reference: string
}

export interface CopyTarget {
  readonly client: Client
  readonly repository: string
  /** Without a tag, the target only knows the image by its digest. */
  readonly tag?: string | undefined
}

export interface CopyOptions {
  /** Also copies the referrers of the image and its children: signatures, SBOMs, attestations. */
  readonly referrers?: boolean | undefined
  /** Bytes per request; see `PushOptions`. */
  readonly chunk?: number | undefined
  /** Uploads of an earlier, aborted copy of the same image; see `PushOptions`. */
  readonly unfinished?: Map<string, string> | undefined
  readonly signal?: AbortSignal | undefined
  /** Called once with all blobs of the image, before any is copied. */
  readonly onBlobs?: ((blobs: readonly Descriptor[]) => void) | undefined
  readonly onProgress?: ((progress: BlobProgress) => void) | undefined
}

export interface BlobProgress {
  readonly digest: Digest
  /** Bytes that have been sent. */
  readonly done: number
  /** `held`: the target already had it, perhaps in another repository. */
  readonly state: 'running' | 'done' | 'held'
}

/** Blobs copied at once: small ones wait for responses most of the time. */
const MAX_PARALLEL = 3

/**
 * The bytes and so the digest stay the same. After a failure, what has been copied stays.
 *
 * @returns the digest
 * @throws RegistryError of either registry
 */
export async function copyImage(
  source: CopySource,
  target: CopyTarget,
  options: CopyOptions = {},
): Promise<Digest> {
  const { signal, referrers } = options
  if (isRetag(source, target)) return await retag(source, target, signal)
  const tree = await readImageTree(source.client, source.repository, source.reference, { referrers, signal })
  options.onBlobs?.(tree.blobs)
  await copyBlobs({ source, target, options }, tree)
  for (const manifest of tree.manifests) await putManifest(target, manifest.digest, manifest, signal)
  if (target.tag !== undefined) await putManifest(target, target.tag, tree.root, signal)
  return tree.root.digest
}

const isRetag = (source: CopySource, target: CopyTarget): boolean =>
  source.client === target.client && source.repository === target.repository

/** Within a repository, all that the image needs is there already. */
async function retag(
  { client, repository, reference }: CopySource,
  target: CopyTarget,
  signal: AbortSignal | undefined,
): Promise<Digest> {
  const read = await readManifest(client, repository, reference, { signal })
  if (target.tag !== undefined) await putManifest(target, target.tag, read, signal)
  return read.digest
}

interface Copy {
  readonly source: CopySource
  readonly target: CopyTarget
  readonly options: CopyOptions
}

/** The first failure aborts the other copies. */
async function copyBlobs({ source, target, options }: Copy, { blobs }: ImageTree): Promise<void> {
  const failing = new AbortController()
  const signal = AbortSignal.any([failing.signal, ...(options.signal ? [options.signal] : [])])
  const pending = blobs.values()
  const copyNext = async () => {
    for (const blob of pending) await copyBlob({ source, target, options: { ...options, signal } }, blob)
  }
  const workers = Array.from({ length: MAX_PARALLEL }, copyNext)
  try {
    await Promise.all(workers)
  } catch (error) {
    failing.abort(error)
    await Promise.allSettled(workers) // they cancel the uploads that they have begun
    throw error
  }
}

async function copyBlob(copy: Copy, { digest: text, size }: Descriptor): Promise<void> {
  const digest = requireDigest(text)
  const { source, target, options } = copy
  const { signal, chunk, unfinished, onProgress } = options
  if (await isThere(copy, digest)) return onProgress?.({ digest, done: size, state: 'held' })
  const content = sliceableBlob({ ...source, digest, size, signal })
  await target.client.pushBlob(target.repository, digest, content, {
    signal,
    chunk,
    unfinished,
    onProgress: (done) => onProgress?.({ digest, done, state: 'running' }),
  })
  onProgress?.({ digest, done: size, state: 'done' })
}

/** Within one registry, the blob is known to be in the source's repository. */
async function isThere({ source, target, options }: Copy, digest: Digest): Promise<boolean> {
  const { signal } = options
  const { client, repository } = target
  if (source.client === client) return client.mountBlob(repository, digest, source.repository, { signal })
  if ((await client.blobSize(repository, digest, { onlyHere: true, signal })) !== undefined) return true
  return client.mountBlob(repository, digest, undefined, { signal })
}

async function putManifest(
  { client, repository }: CopyTarget,
  reference: string,
  { digest, mediaType, bytes, manifest }: TreeManifest,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await client.putManifest(
      repository,
      reference,
      { mediaType: manifest.mediaType || mediaType, bytes },
      { signal },
    )
  } catch (error) {
    if (!(error instanceof RegistryError) || signal?.aborted) throw error
    const { code, status, detail, message } = error
    throw new RegistryError(code, `the registry refused the manifest ${digest}: ${message}`, {
      status,
      detail,
      cause: error,
    })
  }
}
