/**
 * Removes images as their owner means it: with what only they need, so that the space comes free. Apart from the
 * deletions of clients, which take a manifest and leave the rest to them.
 */
import type { Catalog, Queries } from '../catalog/catalog.ts'
import type { Digest } from '../oci/digest.ts'
import type { BlobStore } from './blobs.ts'

/** What is to go of a repository: tags alone, and images with all of their tags; or all that it has. */
export type Unwanted = { readonly tags: readonly string[]; readonly digests: readonly Digest[] } | 'all'

export interface Removal {
  /** What `remove` would free, in bytes, and the manifests that would go; it changes nothing. */
  measure(
    repository: string,
    unwanted: Unwanted,
  ): Promise<{ readonly bytes: number; readonly manifests: number }>
  /**
   * Removes them with the platforms, signatures and layers that nothing else needs, and remembers that they were
   * deleted. What is not there is gone already. Gives the bytes freed.
   */
  remove(repository: string, unwanted: Unwanted): Promise<number>
  /**
   * Lets go of those of the blobs that no image of the repository needs: what a push had sent that was given up. They may
   * come back at any time. Gives the bytes freed.
   */
  discard(repository: string, digests: readonly Digest[]): Promise<number>
}

/** How long a push may count on what it has found here, in milliseconds. */
const PUSHING = 60 * 60_000

/** Digests removed side by side, so that they share the syncs of the catalog. */
const AT_ONCE = 16

export function createRemoval(catalog: Catalog, blobs: Pick<BlobStore, 'release'>): Removal {
  const namedBy = async (repository: string, unwanted: Unwanted): Promise<readonly Digest[]> =>
    unwanted === 'all' ? catalog.removal.manifestsOf(repository) : unwanted.digests

  const loosenedBy = async (repository: string, unwanted: Unwanted, going: readonly Digest[]) =>
    unwanted === 'all'
      ? catalog.removal.blobsOf(repository)
      : going.length > 0
        ? catalog.removal.loosened(repository, going)
        : []

  /** The images with all that makes no sense without them. */
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
      // What merely went along may come back with an image that needs it.
      if (tags && isNamed) await queries.deletions.record(repository, [digest, ...tags])
    })

  const removeBlob = (repository: string, digest: Digest) =>
    blobs.release(digest, (queries) =>
      queries.removal.unlinkUnneeded(repository, digest, Date.now() - PUSHING),
    )

  const untag = (repository: string, tag: string) =>
    catalog.transaction(async (queries) => {
      if (await queries.tags.delete(repository, tag)) await queries.deletions.record(repository, [tag])
    })

  return {
    async measure(repository, unwanted) {
      const going = await goingWith(repository, await namedBy(repository, unwanted))
      const loosened = await loosenedBy(repository, unwanted, going)
      const bytes = await catalog.removal.bytesOnlyOf(repository, [...new Set([...going, ...loosened])])
      return { bytes, manifests: going.length }
    },

    async remove(repository, unwanted) {
      if (unwanted !== 'all') for (const tag of unwanted.tags) await untag(repository, tag)
      const named = new Set(await namedBy(repository, unwanted))
      const going = await goingWith(repository, [...named])
      const loosened = await loosenedBy(repository, unwanted, going)
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
  for (let first = 0; first < digests.length; first += AT_ONCE) {
    const removed = await Promise.all(digests.slice(first, first + AT_ONCE).map(remove))
    for (const { freed } of removed) sum += freed
  }
  return sum
}
