/** The pull of one image. */
export interface PullTask {
  readonly name: string
  /** A tag or a digest. */
  readonly reference: string
  /** Never to be evicted. */
  readonly keep: boolean
  /** The digest of an image that was not here before, under no tag. */
  readonly isNew?: string | undefined
}
