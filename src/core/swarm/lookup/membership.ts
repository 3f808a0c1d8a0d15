/**
 * Whether a digest belongs to a repository. It is pulled from peers only if some peer has it in that repository; else
 * requesting a digest under a made-up name would create a repository. Peers are asked where this registry does not know.
 * IPFS peers know no repositories, so they only serve what is known to belong.
 */
import type { Catalog } from '../../catalog/catalog.ts'
import type { Digest } from '../../oci/digest.ts'
import type { ContentRouting, FindOptions } from './providers.ts'

export interface Membership {
  /** The digest is in this repository here, though perhaps without its file, or a manifest that is here names it. */
  isKnown(repository: string, digest: Digest): Promise<boolean>
  /** It is known, or a peer has it in the repository, by either name. */
  belongs(repository: AliasedRepository, digest: Digest, options: FindOptions): Promise<boolean>
}

/** A repository by its name here, and by another name that peers may use. */
export interface AliasedRepository {
  readonly repository: string
  readonly alias?: string | undefined
}

export const namesOf = ({ repository, alias }: AliasedRepository): readonly string[] =>
  alias === undefined ? [repository] : [repository, alias]

export function createMembership(
  routing: ContentRouting,
  { shareFacts: sharing }: Pick<Catalog, 'shareFacts'>,
): Membership {
  const isKnown = async (repository: string, digest: Digest): Promise<boolean> =>
    (await sharing.needs(repository, digest)) || (await sharing.serves(repository, digest))

  return {
    isKnown,
    async belongs(aliased, digest, options) {
      if (await isKnown(aliased.repository, digest)) return true
      for await (const _ of routing.findProviders(digest, { ...options, repositories: namesOf(aliased) }))
        return true
      return false
    },
  }
}
