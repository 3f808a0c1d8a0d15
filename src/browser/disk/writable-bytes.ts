/**
 * Bytes as every engine writes them: WebKit (2.50, Safari 26) writes all of the buffer that a view is of. Only where the
 * view is a part of it is anything copied, at most a block at the end of a file.
 */
export const writableBytes = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
