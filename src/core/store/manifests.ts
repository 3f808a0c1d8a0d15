/** Manifests as repositories see them: bytes on the disk, revisions and tags in the catalog. */
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
import type { Uses } from './last-used.ts'
import type { Sources } from './remote.ts'

/** What a push of a manifest is made of. */
export interface ManifestPush {
  readonly repository: string
  readonly digest: Digest
  readonly bytes: Uint8Array
  readonly manifest: Manifest
  readonly tags: readonly string[]
  /** The digests that have to be in the repository, out of those that the manifest names. */
  readonly required: {
    readonly blobs: readonly string[]
    readonly manifests: readonly string[]
    /** As a blob or as a manifest: children of an index whose type does not say which. */
    readonly either: readonly string[]
  }
  /** Who gave it, if peers did and no client. */
  readonly origins?: Sources
}

export const NOTHING_REQUIRED: ManifestPush['required'] = { blobs: [], manifests: [], either: [] }

export interface ManifestStore {
  find(repository: string, reference: Reference): Promise<Tagged | undefined>
  /**
   * The bytes of a revision, at hand if it is small: a large one in memory would be held by each client that is slow.
   * `undefined` where the disk has lost them.
   */
  read(revision: Revision): Promise<Uint8Array | Content | undefined>
  /**
   * What clients push ends its deletion; what peers give does not, also where that came while it was on its way.
   *
   * @throws RegistryErrors MANIFEST_BLOB_UNKNOWN, one for each digest that is missing
   * @throws RegistryError MANIFEST_UNKNOWN for what comes from peers and was deleted here
   */
  put(push: ManifestPush): Promise<void>
  /** Notes a tag as a peer gave it just now. Of no effect where it was set here, was deleted, or what it names is not here. */
  take(repository: string, tag: string, given: PeerTag): Promise<void>
  /** Removes the revision and the tags that name it. `false` where it was not there. */
  delete(repository: string, digest: Digest): Promise<boolean>
  /** Removes the tag; the revision stays. `false` where it was not there. */
  untag(repository: string, tag: string): Promise<boolean>
}

/** A manifest may miss tens of thousands; the first ones tell enough. */
const MAX_ERRORS = 100

/** Bytes of manifests kept at hand; they never change under their digest. */
const CACHE_BYTES = 16 * 1024 * 1024

/** Bytes of a manifest that is kept at hand; nearly all are smaller. */
const MAX_AT_HAND = 64 * 1024

export function createManifestStore(
  disk: Disk,
  catalog: Catalog,
  blobs: BlobStore,
  uses: Pick<Uses, 'note'>,
): ManifestStore {
  const cache = new LRUCache<Digest, Uint8Array>({
    maxSize: CACHE_BYTES,
    sizeCalculation: (bytes) => bytes.byteLength + 1024,
  })

  async function write(
    digest: Digest,
    bytes: Uint8Array,
    options: { readonly isNew: boolean },
  ): Promise<Content> {
    const upload = await disk.create({ algorithm: algorithmOf(digest) })
    try {
      // A copy, since the disk may take the memory of what it is handed.
      await upload.append(once(bytes.slice()), { last: true })
      return await upload.commit(digest, options)
    } catch (error) {
      await upload.cancel().catch(() => {}) // what failed first says more
      throw error
    }
  }

  async function record(queries: Queries, push: ManifestPush): Promise<void> {
    const { repository, digest, manifest, tags, origins } = push
    await requirePresent(queries, push)
    if (origins && (await queries.deletions.has(repository, digest)))
      throw new RegistryError('MANIFEST_UNKNOWN')
    await queries.repositories.add(repository)
    await queries.manifests.put(repository, digest, manifest, { isCached: origins !== undefined })
    for (const tag of tags) await queries.tags.put(repository, tag, digest, Date.now())
    for (const [peer, bytes] of origins ?? []) await queries.origins.add(digest, peer, bytes)
  }

  return {
    async find(repository, reference) {
      const revision = await catalog.manifests.find(repository, reference)
      if (revision) uses.note(repository, revision.digest)
      return revision
    },

    async read({ digest }) {
      const cached = cache.get(digest)
      if (cached) return cached
      const content = await disk.get(digest)
      if (!content || content.size > MAX_AT_HAND) return content
      const bytes = await readAll(content)
      cache.set(digest, bytes)
      return bytes
    },

    async put(push) {
      const { digest, bytes } = push
      await requirePresent(catalog, push)
      await blobs.commit(digest, {
        // What is stored already stays, unless somebody took the file away.
        bring: async (options) =>
          (!options.isNew && (await disk.get(digest))) || write(digest, bytes, options),
        isCached: push.origins !== undefined,
        record: (queries) => record(queries, push),
      })
      if (bytes.length <= MAX_AT_HAND) cache.set(digest, bytes)
    },

    take: (repository, tag, given) =>
      catalog.transaction(
        async ({ deletions, tags }) => {
          if (await deletions.has(repository, tag)) return
          await tags.take(repository, tag, { ...given, checkedAt: Date.now() })
        },
        { durable: false }, // it can be asked for again
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

/** Docker prints the message alone. */
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
