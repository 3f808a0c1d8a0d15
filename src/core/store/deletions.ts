/**
 * Keeps what was deleted from a repository gone, though others have it still. Apart from whoever looks elsewhere, since
 * it holds for all of them, and is asked only for what is not here.
 */
import type { Catalog } from '../catalog/catalog.ts'
import type { Elsewhere } from './elsewhere.ts'

/** Referrers are left out where they come in: which there are is known only then. */
export function withoutDeleted(elsewhere: Elsewhere, { deletions }: Pick<Catalog, 'deletions'>): Elsewhere {
  return {
    async blob(repository, digest, options) {
      if (await deletions.has(repository, digest)) return undefined
      return elsewhere.blob(repository, digest, options)
    },

    async manifest(repository, digest, options) {
      if (await deletions.has(repository, digest)) return undefined
      return elsewhere.manifest(repository, digest, options)
    },

    async tag(repository, tag, options) {
      if (await deletions.has(repository, tag)) return undefined
      return elsewhere.tag(repository, tag, options)
    },

    tagAge: elsewhere.tagAge,

    async look(repository, digest, options) {
      if (await deletions.has(repository, digest)) return undefined
      return elsewhere.look(repository, digest, options)
    },

    referrers: (repository, subject, options) => elsewhere.referrers(repository, subject, options),
  }
}
