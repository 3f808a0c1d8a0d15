/**
 * Pushes the blobs of an archive into one repository. Many small ones are sent at once, since each costs a request or
 * two whatever its size; large ones one after the other, since together they are no faster and take more memory.
 */
import { readAll } from '../../blobs/streams.ts'
import type { Client } from '../../client/client.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { type Digest, parseDigest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { isForeignLayerType } from '../../oci/media-type.ts'
import type { Content } from '../tar/compression.ts'
import { shown, type TarFile } from '../tar/tar-index.ts'
import type { Archive, ArchiveBlob } from './archive.ts'
import type { Progress } from './progress.ts'

export interface BlobTarget {
  readonly archive: Archive
  readonly client: Client
  readonly repository: string
  /** Another repository that the same archive was already pushed to: blobs can be mounted from there. */
  readonly from: string | undefined
  readonly progress: Progress
  readonly signal: AbortSignal | undefined
}

/** @returns the digests of needed blobs that are neither in the archive nor in the registry */
export async function pushBlobs(target: BlobTarget, needed: readonly Descriptor[]): Promise<Set<string>> {
  const toPush = new Map<TarFile, ArchiveBlob>()
  const missing = new Set<string>()
  for (const descriptor of needed) {
    const held = target.archive.blobs.get(descriptor.digest)
    if (held) toPush.set(held.file, held)
    else if (!mayBeMissing(descriptor) && !(await isThere(target, descriptor))) missing.add(descriptor.digest)
  }
  const pool = createPool(target.signal)
  const within = { ...target, signal: pool.signal }
  try {
    for await (const [file, content] of target.archive.tar.contents(toPush.keys())) {
      const blob = toPush.get(file)!
      const bytes = await bytesOf(within, blob, content)
      await pool.start(blob.size, () => pushOne(within, blob, bytes))
      if (bytes instanceof ReadableStream) await pool.end() // it must be read before the archive's next file
    }
  } catch (error) {
    pool.fail(error)
  }
  await pool.end()
  return missing
}

/**
 * Looks for a blob that the archive lacks. The registry may pull it from its peers.
 *
 * @throws RegistryError SIZE_INVALID if the manifest and the registry disagree about its size
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
    `${file ? shown(file.name) : 'the archive'} is damaged: ${digest} has ${there} bytes in the registry, but ${size} here; save the image again`,
  )
}

/** Blobs up to this size are read into memory rather than streamed. */
const MAX_IN_MEMORY_BYTES = 256 * 1024

/** Foreign layers need not be in the archive; a descriptor without a type may be a manifest in the registry. */
const mayBeMissing = ({ mediaType, urls = [] }: Descriptor): boolean =>
  mediaType === '' || (isForeignLayerType(mediaType) && urls.length > 0)

/** Small blobs are read into memory, so that a compressed archive can be read on while they are pushed. */
async function bytesOf(
  { archive: { tar } }: BlobTarget,
  { file, size, isCompressed }: ArchiveBlob,
  content: Content,
): Promise<Content> {
  const bytes = isCompressed ? tar.unpack(file, content) : content
  return bytes instanceof ReadableStream && size <= MAX_IN_MEMORY_BYTES
    ? new Blob([await readAll(bytes, MAX_IN_MEMORY_BYTES)])
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

/** The archive has the blob, so the registry need not ask its peers. */
const sizeThere = ({ client, repository, signal }: BlobTarget, digest: Digest) =>
  client.blobSize(repository, digest, { onlyHere: true, signal })

/** With these codes the file may be at fault; with all others, the registry is. */
const FILE_ERRORS = ['DIGEST_INVALID', 'SIZE_INVALID', 'MANIFEST_INVALID']

function naming({ name }: TarFile, digest: Digest, cause: RegistryError): RegistryError {
  const { code, status, detail } = cause
  if (!FILE_ERRORS.includes(code)) return cause
  const message =
    code === 'DIGEST_INVALID'
      ? `${shown(name)} is damaged: its digest is not ${digest}; save the image again`
      : `${shown(name)}: ${cause.message}`
  return new RegistryError(code, message, { status, detail, cause })
}

const MAX_BLOBS_AT_ONCE = 16

/** Bytes being sent at once, unless it is a single blob. */
const MAX_BYTES_AT_ONCE = 8 * 1024 * 1024

export interface Pool {
  /** Aborts when the outer signal does, or when one of the pushes has failed. */
  readonly signal: AbortSignal
  /** Waits for capacity, then starts `work` on `size` bytes. @throws the first failure */
  start(size: number, work: () => Promise<void>): Promise<void>
  /** Starts no more work and aborts what is running. */
  fail(error: unknown): void
  /** Waits for all work to end. @throws the first failure */
  end(): Promise<void>
}

export function createPool(outer: AbortSignal | undefined): Pool {
  const failing = new AbortController()
  const signal = outer ? AbortSignal.any([outer, failing.signal]) : failing.signal
  const running = new Set<Promise<void>>()
  let bytes = 0
  const fail = (error: unknown) => failing.abort(error)
  return {
    signal,
    fail,
    async start(size, work) {
      while (running.size > 0 && (running.size >= MAX_BLOBS_AT_ONCE || bytes + size > MAX_BYTES_AT_ONCE))
        await Promise.race(running)
      signal.throwIfAborted()
      bytes += size
      const push = work()
        .catch(fail)
        .finally(() => {
          bytes -= size
          running.delete(push)
        })
      running.add(push)
    },
    async end() {
      await Promise.all(running)
      signal.throwIfAborted()
    },
  }
}
