/** An image from one registry to another, or to another name of the same: only what is missing there moves. */
import type { Descriptor } from '../oci/descriptor.ts'
import { type Digest, requireDigest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import type { Client } from './client.ts'
import { type ImageTree, readImageTree, readManifest, type TreeManifest } from './image-tree.ts'
import { openRemoteBlob } from './remote-blob.ts'

export interface CopySource {
  readonly client: Client
  readonly repository: string
  /** A tag or a digest. */
  readonly reference: string
}

export interface CopyTarget {
  readonly client: Client
  readonly repository: string
  /** Without one the image has only its digest there. */
  readonly tag?: string | undefined
}

export interface CopyOptions {
  /** Also what refers to the image and its children: signatures, SBOMs, attestations. */
  readonly referrers?: boolean | undefined
  /** Bytes of one request; see `PushOptions`. */
  readonly chunk?: number | undefined
  /** Uploads of an earlier copy of the same image to there that was aborted; see `PushOptions`. */
  readonly unfinished?: Map<string, string> | undefined
  readonly signal?: AbortSignal | undefined
  /** Told once what belongs to the image, before any of it moves. */
  readonly onBlobs?: ((blobs: readonly Descriptor[]) => void) | undefined
  readonly onProgress?: ((progress: BlobProgress) => void) | undefined
}

export interface BlobProgress {
  readonly digest: Digest
  /** Bytes that are there. */
  readonly done: number
  /** `held`: it was there before, or in another repository there. */
  readonly state: 'running' | 'done' | 'held'
}

/** Blobs at a time: small ones wait for answers most of the time. */
const PARALLEL = 3

/**
 * Bytes stay as they are, so the digest does; what is already there stays if this breaks off.
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

/** All that the image needs is there. */
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

/** The first failure ends the others too. */
async function copyBlobs({ source, target, options }: Copy, { blobs }: ImageTree): Promise<void> {
  const failing = new AbortController()
  const signal = AbortSignal.any([failing.signal, ...(options.signal ? [options.signal] : [])])
  const waiting = blobs.values()
  const copyNext = async () => {
    for (const blob of waiting) await copyBlob({ source, target, options: { ...options, signal } }, blob)
  }
  const lines = Array.from({ length: PARALLEL }, copyNext)
  try {
    await Promise.all(lines)
  } catch (error) {
    failing.abort(error)
    await Promise.allSettled(lines) // uploads that were begun are taken back
    throw error
  }
}

async function copyBlob(copy: Copy, { digest: text, size }: Descriptor): Promise<void> {
  const digest = requireDigest(text)
  const { source, target, options } = copy
  const { signal, chunk, unfinished, onProgress } = options
  if (await isThere(copy, digest)) return onProgress?.({ digest, done: size, state: 'held' })
  const content = openRemoteBlob({ ...source, digest, size, signal })
  await target.client.pushBlob(target.repository, digest, content, {
    signal,
    chunk,
    unfinished,
    onProgress: (done) => onProgress?.({ digest, done, state: 'running' }),
  })
  onProgress?.({ digest, done: size, state: 'done' })
}

/** Within one registry the blob is where the image is, and need not be looked for. */
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
    throw new RegistryError(code, `the manifest ${digest} was not taken: ${message}`, {
      status,
      detail,
      cause: error,
    })
  }
}
