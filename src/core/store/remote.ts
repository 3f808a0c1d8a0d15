/**
 * The port through which the registry gets what it does not hold: from peers, and one day from an upstream registry.
 * Separate from the swarm because the registry does not know it. What is pulled is verified and stored.
 */
import type { AbortOptions } from '../async/abortable.ts'
import type { Content } from '../blobs/ports.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { PeerTag } from '../catalog/tags.ts'
import type { Digest } from '../oci/digest.ts'
import type { Reference } from '../oci/name.ts'

interface PullOptions extends AbortOptions {
  /** Another name of the repository at peers: without the host of the registry that it mirrors. */
  readonly alias?: string | undefined
}

/** Peers that bytes came from, by id, with the bytes that each has given so far. */
export type Sources = ReadonlyMap<string, number>

/** A blob that is being pulled. Its stream gives what has come in, but the last byte only when the digest is verified. */
export interface RemoteBlob extends Content {
  sources(): Sources
  /**
   * Resolves when the blob is stored, in each repository in which it was requested. It is pulled for as long as somebody
   * reads.
   */
  readonly done: Promise<void>
}

/** A manifest or a small blob that was fetched but not stored. */
export interface Preview {
  readonly bytes: Uint8Array
  /** Of a manifest. */
  readonly mediaType?: string | undefined
  readonly sources: Sources
}

/** The largest blob that can be previewed; configs and attestations are smaller. */
export const MAX_PREVIEW_BYTES = 4 * 1024 * 1024

/**
 * A digest is found only if a peer has it in this repository. If nobody has what is requested, each method resolves
 * within the configured time.
 */
export interface Remote {
  /**
   * Starts to pull a blob into this repository, or joins a pull that is under way. With `complete`, resolves when the blob
   * is stored, or with `undefined` if that takes too long; the pull then goes on.
   */
  blob(
    repository: string,
    digest: Digest,
    options: PullOptions & { readonly complete?: boolean },
  ): Promise<RemoteBlob | undefined>
  /**
   * Pulls a manifest into this repository. `undefined` if nobody has it. `isNamed`: a tag of the repository, as `tag`
   * returned it, names the manifest.
   */
  manifest(
    repository: string,
    digest: Digest,
    options: PullOptions & { readonly isNamed?: boolean },
  ): Promise<Sources | undefined>
  /** The tag as a trusted peer has signed it. */
  tag(repository: string, tag: string, options: AbortOptions): Promise<PeerTag | undefined>
  /** Milliseconds for which a peer's tag is used before peers are asked again. */
  tagAge(): number
  /** Fetches and verifies without storing. `undefined` also for a blob of more than {@link MAX_PREVIEW_BYTES}. */
  preview(
    repository: string,
    digest: Digest,
    options: PullOptions & { readonly what: 'manifest' | 'blob'; readonly isNamed?: boolean },
  ): Promise<Preview | undefined>
  /** Pulls the manifests that refer to this one, as many as come in time. */
  referrers(repository: string, subject: Digest, options: AbortOptions): Promise<void>
}

/** Why nobody has what was requested, as far as that can be told. */
export type Absence =
  /** No peer is connected. */
  | { readonly reason: 'no-peer' }
  /** These peers have the tag, but are not trusted with tags. */
  | { readonly reason: 'untrusted'; readonly peers: readonly string[] }
  /** Trusted peers have the repository with these tags, but not with this one. */
  | { readonly reason: 'unknown-tag'; readonly tags: readonly string[] }
  /** These trusted peers have the tag, but did not give the manifest that it names. */
  | { readonly reason: 'not-given'; readonly peers: readonly string[] }
  | { readonly reason: 'unknown-repository' }
  | { readonly reason: 'unknown-digest' }

/**
 * Asks peers why a pull failed. `undefined` if peers are not asked for this repository. Never rejects.
 *
 * @param options.within - milliseconds that it may take
 */
export type ExplainAbsence = (
  repository: string,
  reference: Reference,
  options: AbortOptions & { readonly within: number },
) => Promise<Absence | undefined>

/**
 * The same remote without what was deleted from the repository, which peers may still have. Referrers are filtered by the
 * remote itself, because only it knows their digests.
 */
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
