/**
 * Bytes that can be read in parts, any number of times: the subset of `Blob` that the client needs. Any `Blob` is one, but
 * Node's file-backed `Blob` ends at 4 GiB.
 */
export interface Sliceable {
  readonly size: number
  slice(start?: number, end?: number): Sliceable
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>
  arrayBuffer(): Promise<ArrayBuffer>
}
