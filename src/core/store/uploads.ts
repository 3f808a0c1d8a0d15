/**
 * Uploads as clients see them: sessions of a repository that can be continued after any interruption.
 *
 * One request at a time writes to an upload. A request that says where its bytes belong (`Content-Range`) takes over
 * from the one that is under way, which is often a connection that died unnoticed. A request that does not say so is
 * refused, because its bytes could end up in the wrong place.
 */
import { LRUCache } from 'lru-cache'
import type { Bytes, Disk, Upload } from '../blobs/ports.ts'
import type { Catalog, Queries } from '../catalog/catalog.ts'
import { type Algorithm, algorithmOf, CANONICAL, type Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { type ByteRange, lengthOf } from '../oci/range.ts'
import type { BlobStore } from './blobs.ts'
import { createEmptyUploads } from './empty-uploads.ts'
import type { Pushes } from './pushes.ts'
import { createUploadLocks } from './upload-locks.ts'

/** Open uploads kept in memory; each takes a few hundred bytes. */
const MAX_CACHED_UPLOADS = 4096

export interface Chunk {
  readonly bytes: Bytes
  /** Where the bytes belong; at the end if absent. */
  readonly range?: ByteRange | undefined
  readonly signal?: AbortSignal | undefined
}

export interface PurgeOptions {
  readonly dryRun?: boolean | undefined
  /** Only its uploads. */
  readonly repository?: string | undefined
}

export interface UploadStore {
  /** Returns the new upload's id. @throws RegistryError TOOMANYREQUESTS */
  start(repository: string, algorithm?: Algorithm): Promise<string>
  /** Bytes received so far. @throws RegistryError BLOB_UPLOAD_UNKNOWN */
  size(repository: string, id: string): Promise<number>
  /** Returns the size afterwards. @throws RegistryError BLOB_UPLOAD_UNKNOWN, RANGE_INVALID, SIZE_INVALID */
  append(repository: string, id: string, chunk: Chunk): Promise<number>
  /** Adds the last chunk, if any, and makes the blob part of the repository. @throws also DIGEST_INVALID */
  finish(repository: string, id: string, digest: Digest, chunk?: Chunk): Promise<void>
  /** A whole blob in one request. Leaves nothing behind if it fails. @throws RegistryError DIGEST_INVALID */
  put(repository: string, digest: Digest, chunk: Chunk): Promise<void>
  /** @throws RegistryError BLOB_UPLOAD_UNKNOWN */
  cancel(repository: string, id: string): Promise<void>
  /** The bytes on the disk by upload id; by default of all uploads, including those of downloads. */
  sizes(ids?: Iterable<string>): Promise<ReadonlyMap<string, number>>
  /** Cancels uploads that were not written to since `time` (milliseconds since 1970); returns the ids. */
  purge(time: number, options?: PurgeOptions): Promise<string[]>
  /** Cancels uploads that were started before `time` and never received a byte; returns the ids. */
  purgeEmpty(time: number): Promise<string[]>
}

export function createUploadStore(
  disk: Disk,
  catalog: Catalog,
  blobs: BlobStore,
  pushes: Pick<Pushes, 'during' | 'note'>,
): UploadStore {
  const locks = createUploadLocks()
  /** Spares most requests a look at the disk. */
  const cached = new LRUCache<string, Upload>({ max: MAX_CACHED_UPLOADS })

  async function requireSession(repository: string, id: string): Promise<Algorithm> {
    const algorithm = await catalog.uploads.find(id, repository)
    if (algorithm) return algorithm
    throw new RegistryError('BLOB_UPLOAD_UNKNOWN', undefined, { detail: { uuid: id } })
  }

  async function requireUpload(repository: string, id: string): Promise<Upload> {
    const algorithm = await requireSession(repository, id)
    const found = cached.get(id) ?? (await disk.resume(id, { algorithm }))
    return found ?? disk.create({ id, algorithm })
  }

  /** Runs `work` as the only writer of the repository's upload. */
  async function write<T>(
    repository: string,
    id: string,
    takeOver: boolean,
    work: (upload: Upload, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (locks.isLocked(id)) await requireSession(repository, id) // before another repository's writer is interrupted
    return locks.run(id, takeOver, async (signal) => {
      const upload = await requireUpload(repository, id)
      cached.delete(id) // until `work` has succeeded
      return pushes.during(repository, () => work(upload, signal))
    })
  }

  async function appendTo(
    upload: Upload,
    chunk: Chunk,
    options: { readonly interruption: AbortSignal; readonly last: boolean },
  ): Promise<void> {
    const { range } = chunk
    const { interruption, last } = options
    if (range && range.start !== upload.size) {
      const detail = { expected: upload.size, received: range.start }
      throw new RegistryError(
        'RANGE_INVALID',
        'the chunk does not begin where the upload ends; ask for its size and go on from there',
        { detail },
      )
    }
    const signal = chunk.signal ? AbortSignal.any([chunk.signal, interruption]) : interruption
    await upload.append(range ? exactly(lengthOf(range), chunk.bytes) : chunk.bytes, { signal, last })
  }

  const forget = (id: string) =>
    catalog.transaction((queries) => queries.uploads.delete(id), { durable: false })

  const commit = (
    repository: string,
    upload: Upload,
    digest: Digest,
    isAcknowledged: boolean,
  ): Promise<void> =>
    blobs.commit(digest, {
      write: (options) => upload.commit(digest, options),
      record: (queries) => recordUpload(queries, { repository, upload: upload.id, digest }),
      from: { upload: upload.id, size: upload.size, isAcknowledged },
    })

  const empty = createEmptyUploads(disk, catalog, locks, async (id) => {
    await (cached.get(id) ?? (await disk.resume(id)))?.cancel()
    cached.delete(id)
    await forget(id)
  })

  const uploads: UploadStore = {
    async start(repository, algorithm = CANONICAL) {
      await empty.ensureCapacity()
      pushes.note(repository)
      const id = crypto.randomUUID()
      // The first acknowledged chunk makes it durable.
      const options = { durable: false }
      await catalog.transaction(
        (queries) => queries.uploads.add(id, repository, algorithm, Date.now()),
        options,
      )
      cached.set(id, await disk.create({ id, algorithm, ahead: true }))
      return id
    },

    size: async (repository, id) => (await requireUpload(repository, id)).size,

    append: (repository, id, chunk) =>
      write(repository, id, chunk.range !== undefined, async (upload, interruption) => {
        await appendTo(upload, chunk, { interruption, last: false })
        await catalog.transaction((queries) => queries.uploads.touch(id, Date.now()))
        cached.set(id, upload)
        return upload.size
      }),

    finish: (repository, id, digest, chunk) =>
      write(repository, id, chunk?.range !== undefined, async (upload, interruption) => {
        const isAcknowledged = upload.size > 0
        if (chunk) await appendTo(upload, chunk, { interruption, last: true })
        try {
          await commit(repository, upload, digest, isAcknowledged)
        } catch (error) {
          // If the disk failed before it moved the bytes, the client may try again.
          const isRetryable = !isClientError(error) && (await disk.resume(id))
          if (!isRetryable) await Promise.allSettled([upload.cancel(), forget(id)])
          throw error
        }
      }),

    put: (repository, digest, chunk) =>
      pushes.during(repository, async () => {
        const upload = await disk.create({ algorithm: algorithmOf(digest) })
        try {
          await upload.append(chunk.bytes, { signal: chunk.signal, last: true })
          await commit(repository, upload, digest, false)
        } catch (error) {
          await upload.cancel().catch(() => {}) // the first error says more
          throw error
        }
      }),

    cancel: (repository, id) =>
      write(repository, id, true, async (upload) => {
        await upload.cancel()
        await forget(id)
      }),

    async sizes(ids) {
      const sizes = new Map<string, number>()
      for await (const id of ids ?? disk.uploads()) sizes.set(id, (await disk.resume(id))?.size ?? 0)
      return sizes
    },

    async purge(time, { dryRun = false, repository } = {}) {
      const untouched = await catalog.uploads.untouchedSince(time, repository)
      const ids = untouched.filter((id) => !locks.isLocked(id))
      if (dryRun) return ids
      const purged: string[] = []
      for (const id of ids) {
        if (locks.isLocked(id)) continue // it was locked since the list was made
        await locks.run(id, true, async () => {
          if (!(await catalog.uploads.isUntouchedSince(id, time))) return
          await (await disk.resume(id))?.cancel()
          await forget(id)
          purged.push(id)
        })
      }
      return purged
    },

    purgeEmpty: empty.purge,
  }
  return uploads
}

/** Passes `length` bytes. @throws RegistryError SIZE_INVALID before the first byte too many, or at an early end */
async function* exactly(length: number, bytes: Bytes): Bytes {
  let seen = 0
  for await (const chunk of bytes) {
    seen += chunk.byteLength
    if (seen > length) break
    yield chunk
  }
  if (seen !== length)
    throw new RegistryError('SIZE_INVALID', undefined, { detail: { expected: length, seen } })
}

/** Records the blob of a finished upload. */
export async function recordUpload(
  queries: Queries,
  { repository, upload, digest }: { repository: string; upload: string; digest: Digest },
): Promise<void> {
  await queries.repositories.add(repository)
  await queries.blobs.link(repository, digest)
  await queries.uploads.delete(upload)
}

const isClientError = (error: unknown): boolean => error instanceof RegistryError && error.status < 500
