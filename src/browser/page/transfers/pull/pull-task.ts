/** The pull of one image. */
export interface PullTask {
  readonly name: string
  /** A tag or a digest. */
  readonly reference: string
  /** Never to be evicted. */
  readonly keep: boolean
}
