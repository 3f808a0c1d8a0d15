/**
 * Where the registry looks for what it does not hold: the swarm, and one day an upstream registry. Apart because the
 * registry knows neither; what comes from there is verified and kept before it is called here.
 */
import type { Content } from '../blobs/ports.ts'
import type { PeerTag } from '../catalog/tags.ts'
import type { Digest } from '../oci/digest.ts'

interface Waiting {
  readonly signal?: AbortSignal | undefined
}

interface Digested extends Waiting {
  /** What others may call the repository as well: without the host of the registry that it mirrors. */
  readonly alias?: string | undefined
}

/** Where bytes came from: peers by id, each with how many it gave so far. */
export type Sources = ReadonlyMap<string, number>

/** A blob that comes in. Its stream gives what has arrived, and its last byte only when the digest is verified. */
export interface RemoteBlob extends Content {
  sources(): Sources
  /** Resolves when it is here, under each repository that asked for it. It comes in while somebody reads. */
  readonly done: Promise<void>
}

/** A manifest or a small blob that was looked at and not kept. */
export interface Preview {
  readonly bytes: Uint8Array
  /** Of a manifest. */
  readonly mediaType?: string | undefined
  readonly sources: Sources
}

/** Bytes of a blob that is read whole to be looked at: configs and attestations are smaller. */
export const MAX_PREVIEW_BYTES = 4 * 1024 * 1024

/** What is asked for by its digest comes only where somebody has it in this repository. All of it answers within the time that the configuration gives, if nobody has what is asked for. */
export interface Remote {
  /**
   * Begins to bring it here, under this repository, or joins who did. `whole`: resolves when it is here, or with
   * `undefined` when that takes too long; it comes in nevertheless.
   */
  blob(
    repository: string,
    digest: Digest,
    options: Digested & { readonly complete?: boolean },
  ): Promise<RemoteBlob | undefined>
  /**
   * Brings a manifest here, under this repository. Where it came from, or `undefined` where nobody has it. `isNamed`: by a
   * tag of the repository, as `tag` gave it.
   */
  manifest(
    repository: string,
    digest: Digest,
    options: Digested & { readonly isNamed?: boolean },
  ): Promise<Sources | undefined>
  /** As a peer that is trusted has signed it. */
  tag(repository: string, tag: string, options: Waiting): Promise<PeerTag | undefined>
  /** For how many milliseconds a tag that was taken from a peer is good without another question. */
  tagAge(): number
  /** What it is, verified, without keeping any of it; `undefined` also for a blob of more than {@link MAX_PREVIEW_BYTES}. */
  preview(
    repository: string,
    digest: Digest,
    options: Digested & { readonly what: 'manifest' | 'blob'; readonly isNamed?: boolean },
  ): Promise<Preview | undefined>
  /** Brings here what refers to this manifest, as far as that can be had in time. */
  referrers(repository: string, subject: Digest, options: Waiting): Promise<void>
}
