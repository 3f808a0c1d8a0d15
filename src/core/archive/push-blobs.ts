/** The blobs of an archive on their way into one repository. */
import type { Client } from '../client/client.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { type Digest, parseDigest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { isForeignLayerType } from '../oci/media-type.ts'
import type { Archive, ArchiveBlob } from './archive.ts'
import type { Content } from './compression.ts'
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

/** Gives the digests of what is needed and neither in the archive nor in the registry. */
export async function pushBlobs(target: BlobTarget, needed: readonly Descriptor[]): Promise<Set<string>> {
  const waiting = new Map<TarFile, ArchiveBlob>()
  const missing = new Set<string>()
  for (const descriptor of needed) {
    const held = target.archive.blobs.get(descriptor.digest)
    if (await isThere(target, descriptor, held)) target.progress.finish(held?.size ?? 0)
    else if (held) waiting.set(held.file, held)
    else if (!mayBeMissing(descriptor)) missing.add(descriptor.digest)
  }
  for await (const [file, content] of target.archive.tar.contents(waiting.keys())) {
    await pushOne(target, waiting.get(file)!, content)
  }
  return missing
}

/**
 * What the archive has need not come from the registry's peers.
 *
 * @throws RegistryError SIZE_INVALID where the archive says another size than the registry
 */
async function isThere(
  { client, repository, from, signal }: BlobTarget,
  { digest: text, size }: Descriptor,
  held: ArchiveBlob | undefined,
): Promise<boolean> {
  const digest = parseDigest(text)
  if (!digest) return false
  const find = () => client.blobSize(repository, digest, { onlyHere: held !== undefined, signal })
  const there = await find()
  if (there === undefined && !(await client.mountBlob(repository, digest, from, { signal }))) return false
  requireSize(digest, size, there ?? (await find()), held?.file)
  return true
}

function requireSize(
  digest: Digest,
  size: number,
  there: number | undefined,
  file: TarFile | undefined,
): void {
  if (there === undefined || Number.isNaN(there) || there === size) return
  throw new RegistryError(
    'SIZE_INVALID',
    `${file ? shown(file.name) : 'the archive'} is damaged: ${digest} has ${there} bytes in the registry, here ${size}; save the image again`,
  )
}

/** Layers that come from elsewhere need not be in the archive; what has no type may be a manifest of the registry. */
const mayBeMissing = ({ mediaType, urls = [] }: Descriptor): boolean =>
  mediaType === '' || (isForeignLayerType(mediaType) && urls.length > 0)

async function pushOne(
  { archive, client, repository, progress, signal }: BlobTarget,
  { digest, file, size, isCompressed }: ArchiveBlob,
  content: Content,
): Promise<void> {
  const onProgress = (sent: number) => progress.move(digest, sent)
  try {
    const bytes = isCompressed ? archive.tar.unpack(file, content) : content
    await client.pushBlob(repository, digest, bytes, { signal, onProgress })
  } catch (error) {
    throw error instanceof RegistryError ? naming(file, digest, error) : error
  }
  progress.finish(size)
}

function naming({ name }: TarFile, digest: Digest, cause: RegistryError): RegistryError {
  const { code, status, detail } = cause
  const message =
    code === 'DIGEST_INVALID'
      ? `${shown(name)} is damaged: its digest is not ${digest}; save the image again`
      : `${shown(name)}: ${cause.message}`
  return new RegistryError(code, message, { status, detail, cause })
}
