/** What each kind of transfer needs to run. It is stored in IndexedDB, so it has to be cloneable. */
import type { Target } from '../push/target.ts'

/** Imports a file, which is identified here, because its bytes are not stored. */
export interface ImportTask {
  readonly fileName: string
  /** In bytes. */
  readonly size: number
  /** In milliseconds since 1970. */
  readonly lastModified: number
  /** Where browsers have it: with the user's permission, the file can be read again after a reload. */
  readonly handle?: FileSystemFileHandle | undefined
  readonly isFolder?: boolean | undefined
  /** The repositories that it pushes to. */
  readonly repositories?: readonly string[] | undefined
  /** Given by the user if the archive has none. */
  readonly name?: GivenName | undefined
}

export interface GivenName {
  readonly repository?: string
  readonly tag?: string
}

/** Pulls an image. */
export interface PullTask {
  readonly name: string
  /** A tag or a digest. */
  readonly reference: string
  /** Whether it is never evicted. */
  readonly keep: boolean
  /** The image's digest, if neither it nor the tag was here before. */
  readonly isNew?: string | undefined
}

export interface PushTask {
  readonly name: string
  /** A tag or a digest. */
  readonly reference: string
  readonly target: Target
  /** The repository there. */
  readonly repository: string
  readonly tag: string | undefined
  /** Whether its signatures, SBOMs and attestations are pushed too. */
  readonly referrers: boolean
  /** Uploads that can be resumed, by the digests of their blobs. */
  readonly unfinished?: readonly (readonly [digest: string, location: string])[]
}
