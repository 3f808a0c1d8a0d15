/**
 * Removes images together with what only they need, so that their space becomes free. Separate from deletions through
 * `/v2/`, because those remove one manifest and leave the rest to the client.
 */
import type { Catalog, Queries } from '../catalog/catalog.ts'
import type { Digest } from '../oci/digest.ts'
import type { BlobStore } from './blobs.ts'

/** What to remove from a repository: tags, and images with all of their tags; or everything. */
export type RemovalTarget = { readonly tags: readonly string[]; readonly digests: readonly Digest[] } | 'all'

export interface Removal {
  /** The bytes and manifests that `remove` would remove. Changes nothing. */
  measure(
    repository: string,
    target: RemovalTarget,
  ): Promise<{ readonly bytes: number; readonly manifests: number }>
  /**
   * Removes them with the platforms, signatures and layers that nothing else needs, and remembers that they were
   * deleted. What does not exist counts as removed. Returns the bytes freed.
   */
  remove(repository: string, target: RemovalTarget): Promise<number>
  /**
   * Removes those of the blobs that no image of the repository needs: what a cancelled push had sent. They may come back
   * at any time. Returns the bytes freed.
   */
  discard(repository: string, digests: readonly Digest[]): Promise<number>
}

/** Milliseconds for which a push may rely on what it has found here. */
const PUSH_MS = 60 * 60_000

/** Digests removed in parallel, so that they share the catalog's syncs. */
const PARALLEL_REMOVALS = 16

export function createRemoval(catalog: Catalog, blobs: Pick<BlobStore, 'release'>): Removal {
  const namedBy = async (repository: string, target: RemovalTarget): Promise<readonly Digest[]> =>
    target === 'all' ? catalog.removal.manifestsOf(repository) : target.digests

  const loosenedBy = async (repository: string, target: RemovalTarget, going: readonly Digest[]) =>
    target === 'all'
      ? catalog.removal.blobsOf(repository)
      : going.length > 0
        ? catalog.removal.loosened(repository, going)
        : []

  /** The images, and the manifests that are of no use without them. */
  async function goingWith(repository: string, digests: readonly Digest[]): Promise<Digest[]> {
    const going = new Set(digests)
    for (let last = digests; last.length > 0; ) {
      last = await catalog.removal.dependents(repository, [...going])
      for (const digest of last) going.add(digest)
    }
    return [...going]
  }

  const removeManifest = (repository: string, digest: Digest, isNamed: boolean) =>
    blobs.release(digest, async (queries: Queries) => {
      const tags = await queries.manifests.delete(repository, digest)
      // What goes only as a dependent may come back with an image that needs it.
      if (tags && isNamed) await queries.deletions.record(repository, [digest, ...tags])
    })

  const removeBlob = (repository: string, digest: Digest) =>
    blobs.release(digest, (queries) =>
      queries.removal.unlinkUnneeded(repository, digest, Date.now() - PUSH_MS),
    )

  const untag = (repository: string, tag: string) =>
    catalog.transaction(async (queries) => {
      if (await queries.tags.delete(repository, tag)) await queries.deletions.record(repository, [tag])
    })

  return {
    async measure(repository, target) {
      const going = await goingWith(repository, await namedBy(repository, target))
      const loosened = await loosenedBy(repository, target, going)
      const bytes = await catalog.removal.bytesOnlyOf(repository, [...new Set([...going, ...loosened])])
      return { bytes, manifests: going.length }
    },

    async remove(repository, target) {
      if (target !== 'all') for (const tag of target.tags) await untag(repository, tag)
      const named = new Set(await namedBy(repository, target))
      const going = await goingWith(repository, [...named])
      const loosened = await loosenedBy(repository, target, going)
      return (
        (await sumOf(going, (digest) => removeManifest(repository, digest, named.has(digest)))) +
        (await sumOf(loosened, (digest) => removeBlob(repository, digest)))
      )
    },

    discard: (repository, digests) => sumOf(digests, (digest) => removeBlob(repository, digest)),
  }
}

async function sumOf(
  digests: readonly Digest[],
  remove: (digest: Digest) => Promise<{ readonly freed: number }>,
): Promise<number> {
  let sum = 0
  for (let first = 0; first < digests.length; first += PARALLEL_REMOVALS) {
    const removed = await Promise.all(digests.slice(first, first + PARALLEL_REMOVALS).map(remove))
    for (const { freed } of removed) sum += freed
  }
  return sum
}
