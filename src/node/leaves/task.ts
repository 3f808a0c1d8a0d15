/** What the thread that hashes leaves is asked, and what it answers. Sizes in bytes. */

export interface LeafTask {
  readonly path: string
  readonly size: number
  readonly leafSize: number
}

export type LeafAnswer = { readonly hashes: Uint8Array } | { readonly error: Error }
