/**
 * Blobs on their way here from elsewhere: an upload gathers the bytes of each. Unlike a client's upload it belongs to a
 * digest, not to a repository, and a later start goes on with what it holds.
 */
import type { Content, Disk, Upload } from '../blobs/ports.ts'
import type { Catalog, Queries } from '../catalog/catalog.ts'
import { algorithmOf, type Digest } from '../oci/digest.ts'
import type { BlobStore } from './blobs.ts'
import type { Origins } from './elsewhere.ts'

/** What is known of a blob that has come in whole. */
export interface Delivery {
  /** Those that asked for it. */
  readonly repositories: Iterable<string>
  readonly origins: Origins
  /** The sha-256 of each leaf, 32 bytes apiece; absent where its only leaf has the digest for a hash. */
  readonly leaves?: Uint8Array | undefined
}

export interface DownloadStore {
  /**
   * The upload for a digest, with what an earlier start has left in it, unchecked. It is the caller's until `commit`
   * has worked, or until `keep` or `drop`.
   */
  begin(digest: Digest, options: { readonly isResumable: boolean }): Promise<Upload>
  /** Durable on return. @throws RegistryError DIGEST_INVALID; the upload is as before then */
  commit(digest: Digest, upload: Upload, delivery: Delivery): Promise<Content>
  /** Leaves the bytes for a later start. */
  keep(digest: Digest, upload: Upload): Promise<void>
  /** Forgets the bytes. */
  drop(digest: Digest, upload: Upload): Promise<void>
  /** What the disk holds, for whichever repository. */
  held(digest: Digest): Promise<Content | undefined>
  /** Serves in a repository what the disk holds for another. @throws Error where it does not */
  link(repository: string, digest: Digest): Promise<void>
  /** Drops what has not been under way since `time` (milliseconds since 1970); gives the ids of the uploads. */
  purge(time: number, options?: { readonly dryRun?: boolean }): Promise<string[]>
}

const LAZY = { durable: false } as const

/** @param active - kept up to date with what is on its way here */
export function createDownloadStore(
  disk: Disk,
  catalog: Catalog,
  blobs: BlobStore,
  active: Set<Digest>,
): DownloadStore {
  const touch = (digest: Digest, upload: string) =>
    catalog.transaction((queries) => queries.downloads.put(digest, upload, Date.now()), LAZY)

  const forget = (digest: Digest) => catalog.transaction((queries) => queries.downloads.delete(digest), LAZY)

  async function resume(digest: Digest): Promise<Upload | undefined> {
    const id = await catalog.downloads.uploadOf(digest)
    return id === undefined ? undefined : disk.resume(id, { algorithm: algorithmOf(digest) })
  }

  return {
    async begin(digest, { isResumable }) {
      active.add(digest)
      try {
        const upload = (await resume(digest)) ?? (await disk.create({ algorithm: algorithmOf(digest) }))
        if (isResumable) await touch(digest, upload.id)
        return upload
      } catch (error) {
        active.delete(digest)
        throw error
      }
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
          for (const repository of repositories) await link(queries, repository, digest)
          if (leaves) await queries.leaves.put(digest, leaves)
          for (const [peer, bytes] of origins) await queries.origins.add(digest, peer, bytes)
          await queries.downloads.delete(digest)
        },
      })
      active.delete(digest)
      return content!
    },

    async keep(digest, { id }) {
      active.delete(digest)
      await touch(digest, id)
    },

    async drop(digest, upload) {
      active.delete(digest)
      await upload.cancel()
      await forget(digest)
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
        record: (queries) => link(queries, repository, digest),
      }),

    async purge(time, { dryRun = false } = {}) {
      const found = (await catalog.downloads.untouchedSince(time)).filter(({ digest }) => !active.has(digest))
      for (const { digest, upload } of dryRun ? [] : found) {
        await (await disk.resume(upload))?.cancel()
        await forget(digest)
      }
      return found.map(({ upload }) => upload)
    },
  }
}

async function link(queries: Queries, repository: string, digest: Digest): Promise<void> {
  await queries.repositories.add(repository)
  await queries.blobs.link(repository, digest)
}
