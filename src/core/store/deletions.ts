/**
 * Keeps what was deleted from a repository gone, though others have it still. Apart from whoever looks elsewhere, since
 * it holds for all of them, and is asked only for what is not here.
 */
import type { Catalog } from '../catalog/catalog.ts'
import type { Remote } from './remote.ts'

/** Referrers are left out where they come in: which there are is known only then. */
export function withoutDeleted(remote: Remote, { deletions }: Pick<Catalog, 'deletions'>): Remote {
  return {
    async blob(repository, digest, options) {
      if (await deletions.has(repository, digest)) return undefined
      return remote.blob(repository, digest, options)
    },

    async manifest(repository, digest, options) {
      if (await deletions.has(repository, digest)) return undefined
      return remote.manifest(repository, digest, options)
    },

    async tag(repository, tag, options) {
      if (await deletions.has(repository, tag)) return undefined
      return remote.tag(repository, tag, options)
    },

    tagAge: remote.tagAge,

    async preview(repository, digest, options) {
      if (await deletions.has(repository, digest)) return undefined
      return remote.preview(repository, digest, options)
    },

    referrers: (repository, subject, options) => remote.referrers(repository, subject, options),
  }
}
