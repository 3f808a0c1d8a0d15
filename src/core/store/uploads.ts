/**
 * Uploads as clients see them: sessions of a repository that may be continued after any interruption.
 *
 * One request at a time writes to an upload. A request that says where its bytes belong (`Content-Range`) takes
 * over from one that is still under way, for that one is often a connection that died unnoticed; one that does
 * not say so is refused, since its bytes could end up in the wrong place.
 */
import type { Bytes, Disk, Upload } from '../blobs/ports.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { type Algorithm, algorithmOf, CANONICAL, type Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { type ByteRange, lengthOf } from '../oci/range.ts'
import type { BlobStore } from './blobs.ts'

export interface Chunk {
  readonly bytes: Bytes
  /** Where the bytes belong; absent, they go to the end. */
  readonly range?: ByteRange | undefined
  readonly signal?: AbortSignal | undefined
}

export interface UploadStore {
  /** Gives the new upload's id. */
  start(repository: string, algorithm?: Algorithm): Promise<string>
  /** Bytes received so far. @throws RegistryError BLOB_UPLOAD_UNKNOWN */
  size(repository: string, id: string): Promise<number>
  /** Gives the size afterwards. @throws RegistryError BLOB_UPLOAD_UNKNOWN, RANGE_INVALID, SIZE_INVALID */
  append(repository: string, id: string, chunk: Chunk): Promise<number>
  /** Adds the last chunk, if any, and makes the blob part of the repository. @throws also DIGEST_INVALID */
  finish(repository: string, id: string, digest: Digest, chunk?: Chunk): Promise<void>
  /** A whole blob in one request: leaves nothing behind where it fails. @throws RegistryError DIGEST_INVALID */
  put(repository: string, digest: Digest, chunk: Chunk): Promise<void>
  /** @throws RegistryError BLOB_UPLOAD_UNKNOWN */
  cancel(repository: string, id: string): Promise<void>
  /** Cancels what nobody has written to since `time` (milliseconds since 1970); gives the ids. */
  purge(time: number, options?: { readonly dryRun?: boolean }): Promise<string[]>
}

interface Writer {
  readonly interruption: AbortController
  readonly ended: Promise<unknown>
}

export function createUploadStore(disk: Disk, catalog: Catalog, blobs: BlobStore): UploadStore {
  const writers = new Map<string, Writer>()

  async function requireSession(repository: string, id: string): Promise<Algorithm> {
    const algorithm = await catalog.uploads.find(id, repository)
    if (algorithm) return algorithm
    throw new RegistryError('BLOB_UPLOAD_UNKNOWN', undefined, { detail: { uuid: id } })
  }

  async function requireUpload(repository: string, id: string): Promise<Upload> {
    const algorithm = await requireSession(repository, id)
    return (await disk.resume(id, { algorithm })) ?? disk.create({ id, algorithm })
  }

  /** Runs `work` as the only writer of the repository's upload. */
  async function write<T>(
    repository: string,
    id: string,
    takeOver: boolean,
    work: (upload: Upload, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    await requireSession(repository, id) // nobody else's writer is interrupted
    return alone(id, takeOver, async (signal) => work(await requireUpload(repository, id), signal))
  }

  async function alone<T>(
    id: string,
    takeOver: boolean,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    for (let other = writers.get(id); other; other = writers.get(id)) {
      if (!takeOver)
        throw new RegistryError('BLOB_UPLOAD_INVALID', 'another request is writing', { status: 409 })
      other.interruption.abort(
        new RegistryError('BLOB_UPLOAD_INVALID', 'another request took over', { status: 409 }),
      )
      await other.ended
    }
    const interruption = new AbortController()
    const result = work(interruption.signal)
    writers.set(id, { interruption, ended: result.catch(() => {}) })
    return result.finally(() => writers.delete(id))
  }

  async function appendTo(upload: Upload, chunk: Chunk, interruption: AbortSignal): Promise<void> {
    const { range } = chunk
    if (range && range.start !== upload.size) {
      const detail = { expected: upload.size, received: range.start }
      throw new RegistryError('RANGE_INVALID', 'chunk is out of order', { detail })
    }
    const signal = chunk.signal ? AbortSignal.any([chunk.signal, interruption]) : interruption
    await upload.append(range ? exactly(lengthOf(range), chunk.bytes) : chunk.bytes, { signal })
  }

  const forget = (id: string) =>
    catalog.transaction((queries) => queries.uploads.delete(id), { durable: false })

  const commit = (repository: string, upload: Upload, digest: Digest): Promise<void> =>
    blobs.commit(
      digest,
      () => upload.commit(digest),
      async (queries) => {
        await queries.repositories.add(repository)
        await queries.blobs.link(repository, digest)
        await queries.uploads.delete(upload.id)
      },
    )

  const uploads: UploadStore = {
    async start(repository, algorithm = CANONICAL) {
      const id = crypto.randomUUID()
      // Not durable on its own: the first chunk that is acknowledged makes it so.
      const options = { durable: false }
      await catalog.transaction(
        (queries) => queries.uploads.add(id, repository, algorithm, Date.now()),
        options,
      )
      return id
    },

    size: async (repository, id) => (await requireUpload(repository, id)).size,

    append: (repository, id, chunk) =>
      write(repository, id, chunk.range !== undefined, async (upload, interruption) => {
        await appendTo(upload, chunk, interruption)
        await catalog.transaction((queries) => queries.uploads.touch(id, Date.now()))
        return upload.size
      }),

    finish: (repository, id, digest, chunk) =>
      write(repository, id, chunk?.range !== undefined, async (upload, interruption) => {
        if (chunk) await appendTo(upload, chunk, interruption)
        try {
          await commit(repository, upload, digest)
        } catch (error) {
          await Promise.allSettled([upload.cancel(), forget(id)])
          throw error
        }
      }),

    async put(repository, digest, chunk) {
      const upload = await disk.create({ algorithm: algorithmOf(digest) })
      try {
        await upload.append(chunk.bytes, chunk.signal && { signal: chunk.signal })
        await commit(repository, upload, digest)
      } catch (error) {
        await upload.cancel()
        throw error
      }
    },

    cancel: (repository, id) =>
      write(repository, id, true, async (upload) => {
        await upload.cancel()
        await forget(id)
      }),

    async purge(time, { dryRun = false } = {}) {
      const ids = (await catalog.uploads.untouchedSince(time)).filter((id) => !writers.has(id))
      if (dryRun) return ids
      for (const id of ids) {
        await alone(id, true, async () => {
          await (await disk.resume(id))?.cancel()
          await forget(id)
        })
      }
      return ids
    },
  }
  return uploads
}

/** Passes `length` bytes. @throws RegistryError SIZE_INVALID before any byte too many, or at an early end */
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
