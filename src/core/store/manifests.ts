/** Manifests as repositories see them: their bytes on the disk, revisions and tags in the catalog. */
import { LRUCache } from 'lru-cache'
import type { Content, Disk } from '../blobs/ports.ts'
import type { Catalog, Queries } from '../catalog/catalog.ts'
import type { Revision, Tagged } from '../catalog/manifests.ts'
import type { PeerTag } from '../catalog/tags.ts'
import { algorithmOf, type Digest } from '../oci/digest.ts'
import { RegistryError, RegistryErrors } from '../oci/error.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { Reference } from '../oci/name.ts'
import type { BlobStore } from './blobs.ts'
import type { LastUsed } from './last-used.ts'
import type { Sources } from './remote.ts'

export interface ManifestPush {
  readonly repository: string
  readonly digest: Digest
  readonly bytes: Uint8Array
  readonly manifest: Manifest
  readonly tags: readonly string[]
  /** Those of the manifest's digests that must be in the repository. */
  readonly required: {
    readonly blobs: readonly string[]
    readonly manifests: readonly string[]
    /** As blobs or as manifests: children of an index whose type does not say which. */
    readonly either: readonly string[]
  }
  /** The peers that it came from; absent if a client pushed it. */
  readonly sources?: Sources
}

export const NOTHING_REQUIRED: ManifestPush['required'] = { blobs: [], manifests: [], either: [] }

export interface ManifestStore {
  find(repository: string, reference: Reference): Promise<Tagged | undefined>
  /**
   * The bytes of a revision, in memory only if it is small: each slow client would hold a large one in memory.
   * `undefined` if the disk has lost them.
   */
  read(revision: Revision): Promise<Uint8Array | Content | undefined>
  /**
   * A push by a client ends an earlier deletion. A manifest from peers does not, even if it was deleted during the
   * download.
   *
   * @throws RegistryErrors MANIFEST_BLOB_UNKNOWN, one for each digest that is missing
   * @throws RegistryError MANIFEST_UNKNOWN if it comes from peers and was deleted here
   */
  put(push: ManifestPush): Promise<void>
  /** Records a tag that a peer has just given. Does nothing if the tag was set or deleted here, or its manifest is not here. */
  take(repository: string, tag: string, given: PeerTag): Promise<void>
  /** Removes the revision and the tags that name it. `false` if it did not exist. */
  delete(repository: string, digest: Digest): Promise<boolean>
  /** Removes the tag; the revision stays. `false` if it did not exist. */
  untag(repository: string, tag: string): Promise<boolean>
}

/** A manifest may lack tens of thousands of blobs; the first errors tell enough. */
const MAX_ERRORS = 100

/** Manifests kept in memory. They need no invalidation, because they never change under their digest. */
const MAX_CACHE_BYTES = 16 * 1024 * 1024

/** The largest manifest kept in memory; nearly all are smaller. */
const MAX_CACHED_MANIFEST_BYTES = 64 * 1024

export function createManifestStore(
  disk: Disk,
  catalog: Catalog,
  blobs: BlobStore,
  lastUsed: Pick<LastUsed, 'note'>,
): ManifestStore {
  const cache = new LRUCache<Digest, Uint8Array>({
    maxSize: MAX_CACHE_BYTES,
    sizeCalculation: (bytes) => bytes.byteLength + 1024,
  })

  async function write(
    digest: Digest,
    bytes: Uint8Array,
    options: { readonly isNew: boolean },
  ): Promise<Content> {
    const upload = await disk.create({ algorithm: algorithmOf(digest) })
    try {
      // A copy, because the disk may take over the memory of what it is given.
      await upload.append(once(bytes.slice()), { last: true })
      return await upload.commit(digest, options)
    } catch (error) {
      await upload.cancel().catch(() => {}) // the first error says more
      throw error
    }
  }

  async function record(queries: Queries, push: ManifestPush): Promise<void> {
    const { repository, digest, manifest, tags, sources: origins } = push
    await requirePresent(queries, push)
    if (origins && (await queries.deletions.has(repository, digest)))
      throw new RegistryError('MANIFEST_UNKNOWN')
    await queries.repositories.add(repository)
    await queries.manifests.put(repository, digest, manifest, { isCached: origins !== undefined })
    for (const tag of tags) await queries.tags.put(repository, tag, digest, Date.now())
    for (const [peer, bytes] of origins ?? []) await queries.sources.add(digest, peer, bytes)
  }

  return {
    async find(repository, reference) {
      const revision = await catalog.manifests.find(repository, reference)
      if (revision) lastUsed.note(repository, revision.digest)
      return revision
    },

    async read({ digest }) {
      const cached = cache.get(digest)
      if (cached) return cached
      const content = await disk.get(digest)
      if (!content || content.size > MAX_CACHED_MANIFEST_BYTES) return content
      const bytes = await readAll(content)
      cache.set(digest, bytes)
      return bytes
    },

    async put(push) {
      const { digest, bytes } = push
      await requirePresent(catalog, push)
      await blobs.commit(digest, {
        // The stored bytes stay, unless the file is missing.
        write: async (options) =>
          (!options.isNew && (await disk.get(digest))) || write(digest, bytes, options),
        isCached: push.sources !== undefined,
        record: (queries) => record(queries, push),
      })
      if (bytes.length <= MAX_CACHED_MANIFEST_BYTES) cache.set(digest, bytes)
    },

    take: (repository, tag, given) =>
      catalog.transaction(
        async ({ deletions, tags }) => {
          if (await deletions.has(repository, tag)) return
          await tags.take(repository, tag, { ...given, checkedAt: Date.now() })
        },
        { durable: false }, // peers can be asked again
      ),

    async delete(repository, digest) {
      const remove = async (queries: Queries) => {
        await queries.orphans.touchNeeds(repository, digest, Date.now())
        const tags = await queries.manifests.delete(repository, digest)
        if (tags) await queries.deletions.record(repository, [digest, ...tags])
        return tags !== undefined
      }
      return (await blobs.release(digest, remove)).result
    },

    untag: (repository, tag) =>
      catalog.transaction(async (queries) => {
        const isRemoved = await queries.tags.delete(repository, tag)
        if (isRemoved) await queries.deletions.record(repository, [tag])
        return isRemoved
      }),
  }
}

/** Docker prints only the message. */
const notHere = (digest: string): RegistryError =>
  new RegistryError(
    'MANIFEST_BLOB_UNKNOWN',
    `the manifest needs ${digest}, which is not in this repository`,
    {
      detail: digest,
    },
  )

async function requirePresent(queries: Queries, { repository, required }: ManifestPush): Promise<void> {
  const missing = [
    ...(await queries.manifests.missingBlobs(repository, required.blobs)),
    ...(await queries.manifests.missingManifests(repository, required.manifests)),
    ...(await queries.manifests.missingEither(repository, required.either)),
  ]
  const [first, ...others] = missing.slice(0, MAX_ERRORS).map(notHere)
  if (first) throw new RegistryErrors([first, ...others])
}

export async function readAll(content: Content): Promise<Uint8Array> {
  return new Uint8Array(await new Response(content.stream()).arrayBuffer())
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
