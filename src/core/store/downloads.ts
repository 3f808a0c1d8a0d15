/**
 * Blobs that are downloaded from peers. The bytes of each go into an upload of the disk which, unlike a client's upload,
 * belongs to a digest and not to a repository. If it was kept, the download is resumed after a restart.
 */
import type { Content, Disk, Upload } from '../blobs/ports.ts'
import type { Catalog, Queries } from '../catalog/catalog.ts'
import { algorithmOf, type Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import type { ActiveDownloads } from './active-downloads.ts'
import type { BlobStore } from './blobs.ts'
import type { Eviction } from './eviction.ts'
import type { Sources } from './remote.ts'

/** What is known of a blob that was downloaded completely. */
export interface Delivery {
  /** Those in which it was requested. */
  readonly repositories: Iterable<string>
  readonly sources: Sources
  /** The sha-256 of each leaf, 32 bytes each; absent if the digest is the hash of the only leaf. */
  readonly leaves?: Uint8Array | undefined
}

export interface DownloadStore {
  /**
   * Creates an upload for a digest. The caller owns it until `commit` succeeds, or until `keep` or `drop`. If it
   * `isResumable`, it is found after a restart, however this process ends.
   */
  begin(digest: Digest, options: { readonly isResumable: boolean }): Promise<Upload>
  /** The upload that was kept before a restart, with bytes that are not verified. `undefined` if there is none. */
  resume(digest: Digest): Promise<Upload | undefined>
  /**
   * Durable on return. Not linked in repositories from which it was deleted meanwhile.
   *
   * @throws RegistryError DIGEST_INVALID; the upload is then as before
   * @throws RegistryError BLOB_UNKNOWN if it was deleted from all of them; nothing stays
   */
  commit(digest: Digest, upload: Upload, delivery: Delivery): Promise<Content>
  /** Keeps the bytes for a later download, in place of any that were kept before. */
  keep(digest: Digest, upload: Upload): Promise<void>
  /** Discards the bytes. */
  drop(digest: Digest, upload: Upload): Promise<void>
  /** What the disk holds for any repository. */
  held(digest: Digest): Promise<Content | undefined>
  /** Serves in a repository what the disk holds for another, unless it was deleted there. @throws Error if the blob is gone */
  link(repository: string, digest: Digest): Promise<void>
  /** As {@link Eviction.enforceBudget}. */
  enforceBudget(): Promise<boolean>
  /** The ids of all uploads that hold downloads. */
  uploads(): Promise<ReadonlySet<string>>
  /** Discards what has not been active since `time` (milliseconds since 1970); returns the ids of the uploads. */
  purge(time: number, options?: { readonly dryRun?: boolean }): Promise<string[]>
}

/** Losing such a row costs a download that starts again. */
const NOT_DURABLE = { durable: false } as const

export interface DownloadStoreDeps {
  readonly disk: Disk
  readonly catalog: Catalog
  readonly blobs: BlobStore
  /** Kept up to date here. */
  readonly activeDownloads: ActiveDownloads
  readonly eviction: Pick<Eviction, 'enforceBudget'>
}

export function createDownloadStore(deps: DownloadStoreDeps): DownloadStore {
  const { disk, catalog, blobs, activeDownloads, eviction } = deps

  const touch = (digest: Digest, upload: string, bytes = 0) =>
    catalog.transaction((queries) => queries.downloads.put(digest, upload, Date.now(), bytes), NOT_DURABLE)

  const forget = (upload: string) =>
    catalog.transaction((queries) => queries.downloads.forget(upload), NOT_DURABLE)

  return {
    async begin(digest, { isResumable }) {
      const upload = await disk.create({ algorithm: algorithmOf(digest) })
      activeDownloads.add(digest, upload)
      if (isResumable) await touch(digest, upload.id)
      return upload
    },

    async resume(digest) {
      const id = await catalog.downloads.uploadOf(digest)
      const upload = id === undefined ? undefined : await disk.resume(id, { algorithm: algorithmOf(digest) })
      if (!upload) return undefined
      activeDownloads.add(digest, upload)
      await touch(digest, upload.id)
      return upload
    },

    async commit(digest, upload, { repositories, sources: origins, leaves }) {
      let content: Content | undefined
      await blobs.commit(digest, {
        async write(options) {
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
          for (const [peer, bytes] of origins) await queries.sources.add(digest, peer, bytes)
          await queries.downloads.delete(digest)
        },
      })
      activeDownloads.delete(digest, upload)
      return content!
    },

    async keep(digest, upload) {
      activeDownloads.delete(digest, upload)
      const earlier = await catalog.downloads.uploadOf(digest)
      if (earlier !== undefined && earlier !== upload.id) await (await disk.resume(earlier))?.cancel()
      await touch(digest, upload.id, upload.size)
    },

    async drop(digest, upload) {
      activeDownloads.delete(digest, upload)
      await upload.cancel()
      await forget(upload.id)
    },

    held: async (digest) => ((await catalog.blobs.isHeld(digest)) ? disk.get(digest) : undefined),

    link: (repository, digest) =>
      blobs.commit(digest, {
        async write({ isNew }) {
          const content = isNew ? undefined : await disk.get(digest)
          if (!content) throw new Error(`${digest} was deleted while it was being linked; request it again`)
          return content
        },
        isCached: true,
        record: async (queries) => void (await link(queries, repository, digest)),
      }),

    enforceBudget: () => eviction.enforceBudget(),

    uploads: async () => new Set([...activeDownloads.uploads(), ...(await catalog.downloads.uploads())]),

    async purge(time, { dryRun = false } = {}) {
      const found = (await catalog.downloads.untouchedSince(time)).filter(
        ({ digest }) => !activeDownloads.has(digest),
      )
      for (const { digest, upload } of dryRun ? [] : found) {
        if (activeDownloads.has(digest)) continue // since the list was made
        await (await disk.resume(upload))?.cancel()
        await forget(upload)
      }
      return found.map(({ upload }) => upload)
    },
  }
}

/** `false` if it was deleted from the repository. */
async function link(queries: Queries, repository: string, digest: Digest): Promise<boolean> {
  if (await queries.deletions.has(repository, digest)) return false
  await queries.repositories.add(repository)
  await queries.blobs.link(repository, digest)
  return true
}
