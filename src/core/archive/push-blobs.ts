/** The blobs of an archive on their way into one repository. */
import type { Client } from '../client/client.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { type Digest, parseDigest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { isForeignLayerType } from '../oci/media-type.ts'
import type { Archive, ArchiveBlob } from './archive.ts'
import type { Content } from './compression.ts'
import { createLanes } from './lanes.ts'
import type { Progress } from './progress.ts'
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

/** Gives the digests of what is needed and neither in the archive nor in the registry. */
export async function pushBlobs(target: BlobTarget, needed: readonly Descriptor[]): Promise<Set<string>> {
  const waiting = new Map<TarFile, ArchiveBlob>()
  const missing = new Set<string>()
  for (const descriptor of needed) {
    const held = target.archive.blobs.get(descriptor.digest)
    if (held) waiting.set(held.file, held)
    else if (!mayBeMissing(descriptor) && !(await isThere(target, descriptor))) missing.add(descriptor.digest)
  }
  const lanes = createLanes(target.signal)
  const within = { ...target, signal: lanes.signal }
  try {
    for await (const [file, content] of target.archive.tar.contents(waiting.keys())) {
      const blob = waiting.get(file)!
      const bytes = await bytesOf(within, blob, content)
      await lanes.start(blob.size, () => pushOne(within, blob, bytes))
      if (bytes instanceof ReadableStream) await lanes.end() // it is read before the next of the archive
    }
  } catch (error) {
    lanes.fail(error)
  }
  await lanes.end()
  return missing
}

/**
 * Of what the archive does not have. The registry may bring it from its peers.
 *
 * @throws RegistryError SIZE_INVALID where a manifest says another size than the registry
 */
async function isThere(
  { client, repository, from, signal }: BlobTarget,
  { digest: text, size }: Descriptor,
): Promise<boolean> {
  const digest = parseDigest(text)
  if (!digest) return false
  const find = () => client.blobSize(repository, digest, { signal })
  const there = await find()
  if (there === undefined && !(await client.mountBlob(repository, digest, from, { signal }))) return false
  requireSize(digest, size, there ?? (await find()))
  return true
}

function requireSize(digest: Digest, size: number, there: number | undefined, file?: TarFile): void {
  if (there === undefined || Number.isNaN(there) || there === size) return
  throw new RegistryError(
    'SIZE_INVALID',
    `${file ? shown(file.name) : 'the archive'} is damaged: ${digest} has ${there} bytes in the registry, here ${size}; save the image again`,
  )
}

/** Bytes that are kept in memory rather than streamed. */
const SMALL = 256 * 1024

/** Layers that come from elsewhere need not be in the archive; what has no type may be a manifest of the registry. */
const mayBeMissing = ({ mediaType, urls = [] }: Descriptor): boolean =>
  mediaType === '' || (isForeignLayerType(mediaType) && urls.length > 0)

/** Small ones into memory, so that the stream of a compressed archive goes on while they are pushed. */
async function bytesOf(
  { archive: { tar } }: BlobTarget,
  { file, size, isCompressed }: ArchiveBlob,
  content: Content,
): Promise<Content> {
  const bytes = isCompressed ? tar.unpack(file, content) : content
  return bytes instanceof ReadableStream && size <= SMALL
    ? await new Response(bytes as ReadableStream<Uint8Array<ArrayBuffer>>).blob()
    : bytes
}

async function pushOne(target: BlobTarget, blob: ArchiveBlob, bytes: Content): Promise<void> {
  const { client, repository, from = repository, progress, signal } = target
  const { digest, file, size } = blob
  const onProgress = (sent: number) => progress.move(blob, sent)
  try {
    const pushed = await client.pushBlob(repository, digest, bytes, { from, signal, onProgress })
    if (pushed === 'held') requireSize(digest, size, await sizeThere(target, digest), file)
    if (pushed === 'held' && bytes instanceof ReadableStream) await bytes.cancel()
    progress.finish(blob, pushed)
  } catch (error) {
    throw error instanceof RegistryError ? naming(file, digest, error) : error
  }
}

/** What the archive has need not come from the registry's peers. */
const sizeThere = ({ client, repository, signal }: BlobTarget, digest: Digest) =>
  client.blobSize(repository, digest, { onlyHere: true, signal })

/** Of these, the file may be the reason; of all others, it is the registry. */
const ABOUT_THE_FILE = ['DIGEST_INVALID', 'SIZE_INVALID', 'MANIFEST_INVALID']

function naming({ name }: TarFile, digest: Digest, cause: RegistryError): RegistryError {
  const { code, status, detail } = cause
  if (!ABOUT_THE_FILE.includes(code)) return cause
  const message =
    code === 'DIGEST_INVALID'
      ? `${shown(name)} is damaged: its digest is not ${digest}; save the image again`
      : `${shown(name)}: ${cause.message}`
  return new RegistryError(code, message, { status, detail, cause })
}
