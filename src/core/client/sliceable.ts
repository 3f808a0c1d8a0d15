/**
 * Bytes that can be read in parts, any number of times: what the client needs of a `Blob`. A `Blob` is one; that of Node
 * over a file ends at 4 GiB.
 */
export interface Sliceable {
  readonly size: number
  slice(start?: number, end?: number): Sliceable
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>
  arrayBuffer(): Promise<ArrayBuffer>
}
