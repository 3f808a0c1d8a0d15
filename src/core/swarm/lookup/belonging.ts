/**
 * Whether a digest belongs to a repository. It is brought from peers only where somebody has it there: else whoever asks
 * for a digest under a name that nobody has would make that repository. Where this registry does not know, peers are
 * asked; those of IPFS at large know no repositories, and so serve only what is known to belong.
 */
import type { Catalog } from '../../catalog/catalog.ts'
import type { Digest } from '../../oci/digest.ts'
import type { ContentRouting, FindOptions } from './providers.ts'

export interface Belonging {
  /** It is here in this repository, though maybe without its file, or a manifest that is here names it. */
  isKnown(repository: string, digest: Digest): Promise<boolean>
  /** That, or a peer has it there, or in the repository that this one goes by as well. */
  belongs(place: Place, digest: Digest, options: FindOptions): Promise<boolean>
}

/** A repository, as it is called here, and as peers may call it. */
export interface Place {
  readonly repository: string
  readonly alias?: string | undefined
}

export const namesOf = ({ repository, alias }: Place): readonly string[] =>
  alias === undefined ? [repository] : [repository, alias]

export function createBelonging(routing: ContentRouting, { sharing }: Pick<Catalog, 'sharing'>): Belonging {
  const isKnown = async (repository: string, digest: Digest): Promise<boolean> =>
    (await sharing.names(repository, digest)) || (await sharing.serves(repository, digest))

  return {
    isKnown,
    async belongs(place, digest, options) {
      if (await isKnown(place.repository, digest)) return true
      for await (const _ of routing.findProviders(digest, { ...options, repositories: namesOf(place) }))
        return true
      return false
    },
  }
}
