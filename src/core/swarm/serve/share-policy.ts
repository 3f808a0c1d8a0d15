/**
 * Which repositories, and so which digests, other peers may have. Everything that leaves this peer depends on it:
 * responses, HTTPS tickets, Bitswap and the DHT. So do lookups, because a lookup reveals the digest to peers.
 */
import type { Catalog } from '../../catalog/catalog.ts'
import type { Config } from '../../config.ts'
import type { Digest } from '../../oci/digest.ts'

export interface SharePolicy {
  sharesRepository(name: string): boolean
  /** Whether a shared repository serves it, as a blob or as a manifest; only one of these, if any are named. */
  shares(digest: Digest, repositories?: readonly string[]): Promise<boolean>
}

/** Repositories read first: a base layer may be in thousands of them, and one that is shared is enough. */
const FIRST_BATCH = 64

/** The factor by which each batch is larger than the one before. */
const GROWTH = 64

export function createSharePolicy(
  { allow, deny }: Pick<Config['swarm']['share'], 'allow' | 'deny'>,
  { blobs, shareFacts: sharing }: Pick<Catalog, 'blobs' | 'shareFacts'>,
): SharePolicy {
  const allowed = allow.map(fullMatch)
  const denied = deny.map(fullMatch)
  const sharesEverything = denied.length === 0 && allow.includes('.*')

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
      // A blob that is held is in some repository; otherwise it would have been deleted.
      return sharesEverything ? blobs.isHeld(digest) : isInShared(digest)
    },
  }
}

const fullMatch = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`)
