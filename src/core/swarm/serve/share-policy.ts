/**
 * Which repositories, and so which digests, other peers may have. Every road out asks here: answers, tickets,
 * Bitswap and the DHT; and so does the way in, since looking for a digest tells others of it.
 */
import type { Catalog } from '../../catalog/catalog.ts'
import type { Config } from '../../config.ts'
import type { Digest } from '../../oci/digest.ts'

export interface SharePolicy {
  sharesRepository(name: string): boolean
  /** Whether a repository that is shared serves it, as a blob or as a manifest: one of these, if any are named. */
  shares(digest: Digest, repositories?: readonly string[]): Promise<boolean>
}

/** Repositories asked for at first: a base layer may be in thousands of them, and one that is shared is enough. */
const FIRST_BATCH = 64

/** How much larger each further batch is. */
const GROWTH = 64

export function createSharePolicy(
  { allow, deny }: Pick<Config['swarm']['share'], 'allow' | 'deny'>,
  { blobs, sharing }: Pick<Catalog, 'blobs' | 'sharing'>,
): SharePolicy {
  const allowed = allow.map(wholly)
  const denied = deny.map(wholly)
  const sharesAll = denied.length === 0 && allow.includes('.*')

  const sharesRepository = (name: string): boolean =>
    allowed.some((pattern) => pattern.test(name)) && !denied.some((pattern) => pattern.test(name))

  async function isInShared(digest: Digest): Promise<boolean> {
    for (let last = '', limit = FIRST_BATCH; ; limit *= GROWTH) {
      const names = await sharing.repositoriesOf(digest, { last, limit })
      if (names.some(sharesRepository)) return true
      if (names.length < limit) return false
      last = names.at(-1)!
    }
  }

  async function isIn(repositories: readonly string[], digest: Digest): Promise<boolean> {
    for (const name of repositories)
      if (sharesRepository(name) && (await sharing.serves(name, digest))) return true
    return false
  }

  return {
    sharesRepository,
    async shares(digest, repositories) {
      if (repositories) return isIn(repositories, digest)
      // What is held is in some repository, or it would have been let go.
      return sharesAll ? blobs.isHeld(digest) : isInShared(digest)
    },
  }
}

const wholly = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`)
