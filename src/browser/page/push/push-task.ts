/** The push of one image of this browser to another registry. */
import type { Target } from './target.ts'

export interface PushTask {
  readonly name: string
  /** A tag or a digest. */
  readonly reference: string
  readonly target: Target
  /** Its name there. */
  readonly repository: string
  readonly tag: string | undefined
  /** With its signatures, SBOMs and attestations. */
  readonly referrers: boolean
  /** Uploads that go on, by the digests of their blobs. */
  readonly unfinished?: readonly (readonly [digest: string, location: string])[]
}
