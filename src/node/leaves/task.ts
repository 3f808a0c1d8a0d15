/** What the threads that hash leaves are asked, and what they answer. Sizes in bytes. */

/** All leaves of a file. */
export interface FileTask {
  readonly path: string
  readonly size: number
  readonly leafSize: number
}

/** One leaf, whose memory goes to the thread and comes back. */
export interface LeafTask {
  readonly leaf: Uint8Array<ArrayBuffer>
}

export type FileAnswer = { readonly hashes: Uint8Array } | { readonly error: Error }

export interface LeafAnswer extends LeafTask {
  readonly hash: Uint8Array
}
