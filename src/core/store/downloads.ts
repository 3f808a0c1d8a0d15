/**
 * Blobs on their way here from elsewhere: an upload gathers the bytes of each. Unlike a client's upload it belongs to a
 * digest, not to a repository, and a later start goes on with what it holds, where it was kept.
 */
import type { Content, Disk, Upload } from '../blobs/ports.ts'
import type { Catalog, Queries } from '../catalog/catalog.ts'
import { algorithmOf, type Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import type { Arriving } from './arriving.ts'
import type { BlobStore } from './blobs.ts'
import type { Eviction } from './eviction.ts'
import type { Sources } from './remote.ts'

/** What is known of a blob that has come in whole. */
export interface Delivery {
  /** Those that asked for it. */
  readonly repositories: Iterable<string>
  readonly origins: Sources
  /** The sha-256 of each leaf, 32 bytes apiece; absent where its only leaf has the digest for a hash. */
  readonly leaves?: Uint8Array | undefined
}

export interface DownloadStore {
  /**
   * A new upload for a digest, the caller's until `commit` has worked, or until `keep` or `drop`. `isResumable`: a later
   * start finds it, whatever becomes of this one.
   */
  begin(digest: Digest, options: { readonly isResumable: boolean }): Promise<Upload>
  /** What an earlier start has left, unchecked, as `begin` gives it. `undefined` where there is nothing. */
  resume(digest: Digest): Promise<Upload | undefined>
  /**
   * Durable on return. Not linked where it was deleted meanwhile.
   *
   * @throws RegistryError DIGEST_INVALID; the upload is as before then
   * @throws RegistryError BLOB_UNKNOWN where it was deleted everywhere; nothing stays
   */
  commit(digest: Digest, upload: Upload, delivery: Delivery): Promise<Content>
  /** Leaves the bytes for a later start, in place of what was left before. */
  keep(digest: Digest, upload: Upload): Promise<void>
  /** Forgets the bytes. */
  drop(digest: Digest, upload: Upload): Promise<void>
  /** What the disk holds, for whichever repository. */
  held(digest: Digest): Promise<Content | undefined>
  /** Serves in a repository what the disk holds for another, unless it was deleted there. @throws Error where it does not */
  link(repository: string, digest: Digest): Promise<void>
  /** Makes room for what has come, if it is over the budget. `false` where that cannot be. */
  fit(): Promise<boolean>
  /** The ids of all uploads that gather downloads. */
  uploads(): Promise<ReadonlySet<string>>
  /** Drops what has not been under way since `time` (milliseconds since 1970); gives the ids of the uploads. */
  purge(time: number, options?: { readonly dryRun?: boolean }): Promise<string[]>
}

const LAZY = { durable: false } as const

/** @param arriving - kept up to date with what is on its way here */
export function createDownloadStore(
  disk: Disk,
  catalog: Catalog,
  blobs: BlobStore,
  arriving: Arriving,
  { fit }: Pick<Eviction, 'fit'>,
): DownloadStore {
  const touch = (digest: Digest, upload: string, bytes = 0) =>
    catalog.transaction((queries) => queries.downloads.put(digest, upload, Date.now(), bytes), LAZY)

  const forget = (upload: string) => catalog.transaction((queries) => queries.downloads.forget(upload), LAZY)

  return {
    async begin(digest, { isResumable }) {
      const upload = await disk.create({ algorithm: algorithmOf(digest) })
      arriving.add(digest, upload)
      if (isResumable) await touch(digest, upload.id)
      return upload
    },

    async resume(digest) {
      const id = await catalog.downloads.uploadOf(digest)
      const upload = id === undefined ? undefined : await disk.resume(id, { algorithm: algorithmOf(digest) })
      if (!upload) return undefined
      arriving.add(digest, upload)
      await touch(digest, upload.id)
      return upload
    },

    async commit(digest, upload, { repositories, origins, leaves }) {
      let content: Content | undefined
      await blobs.commit(digest, {
        async bring(options) {
          content = await upload.commit(digest, options)
          return content
        },
        isCached: true,
        async record(queries) {
          const wanted = await Promise.all(
            [...repositories].map((repository) => link(queries, repository, digest)),
          )
          if (!wanted.includes(true)) throw new RegistryError('BLOB_UNKNOWN', undefined, { detail: digest })
          if (leaves) await queries.leaves.put(digest, leaves)
          for (const [peer, bytes] of origins) await queries.origins.add(digest, peer, bytes)
          await queries.downloads.delete(digest)
        },
      })
      arriving.delete(digest, upload)
      return content!
    },

    async keep(digest, upload) {
      arriving.delete(digest, upload)
      const before = await catalog.downloads.uploadOf(digest)
      if (before !== undefined && before !== upload.id) await (await disk.resume(before))?.cancel()
      await touch(digest, upload.id, upload.size)
    },

    async drop(digest, upload) {
      arriving.delete(digest, upload)
      await upload.cancel()
      await forget(upload.id)
    },

    held: async (digest) => ((await catalog.blobs.isHeld(digest)) ? disk.get(digest) : undefined),

    link: (repository, digest) =>
      blobs.commit(digest, {
        async bring({ isNew }) {
          const content = isNew ? undefined : await disk.get(digest)
          if (!content) throw new Error('the blob was deleted meanwhile')
          return content
        },
        isCached: true,
        record: async (queries) => void (await link(queries, repository, digest)),
      }),

    fit,

    uploads: async () => new Set([...arriving.uploads(), ...(await catalog.downloads.uploads())]),

    async purge(time, { dryRun = false } = {}) {
      const found = (await catalog.downloads.untouchedSince(time)).filter(
        ({ digest }) => !arriving.has(digest),
      )
      for (const { digest, upload } of dryRun ? [] : found) {
        if (arriving.has(digest)) continue // since the list was made
        await (await disk.resume(upload))?.cancel()
        await forget(upload)
      }
      return found.map(({ upload }) => upload)
    },
  }
}

/** `false` where it was deleted. */
async function link(queries: Queries, repository: string, digest: Digest): Promise<boolean> {
  if (await queries.deletions.has(repository, digest)) return false
  await queries.repositories.add(repository)
  await queries.blobs.link(repository, digest)
  return true
}
