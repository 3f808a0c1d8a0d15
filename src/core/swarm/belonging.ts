/**
 * Whether a digest belongs to a repository. It is brought from peers only where somebody has it there: else whoever asks
 * for a digest under a name that nobody has would make that repository. Where this registry does not know, peers are
 * asked; those of IPFS at large know no repositories, and so serve only what is known to belong.
 */
import type { Catalog } from '../catalog/catalog.ts'
import type { Digest } from '../oci/digest.ts'
import type { Finder, FindOptions } from './holders.ts'

export interface Belonging {
  /** It is here in this repository, though maybe without its file, or a manifest that is here names it. */
  isKnown(repository: string, digest: Digest): Promise<boolean>
  /** That, or a peer has it in this repository. */
  belongs(repository: string, digest: Digest, options: FindOptions): Promise<boolean>
}

export function createBelonging(finder: Finder, { sharing }: Pick<Catalog, 'sharing'>): Belonging {
  const isKnown = async (repository: string, digest: Digest): Promise<boolean> =>
    (await sharing.names(repository, digest)) || (await sharing.serves(repository, digest))

  return {
    isKnown,
    async belongs(repository, digest, options) {
      if (await isKnown(repository, digest)) return true
      for await (const _ of finder.find(digest, { ...options, repository })) return true
      return false
    },
  }
}
