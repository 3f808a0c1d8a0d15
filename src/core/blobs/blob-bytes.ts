/** Reads a `Blob` in large chunks, because its own stream is slow where chunks are small. */

/** Bytes read at a time; twice as many are in memory. */
const CHUNK_BYTES = 1024 * 1024

/** Not `blob.stream()`, whose chunks in Firefox have 32 KiB: reading them would keep a worker busy. */
export async function* bytesOf(blob: Blob): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const read = (start: number) => blob.slice(start, start + CHUNK_BYTES).arrayBuffer()
  let next = read(0)
  for (let start = 0; start < blob.size; start += CHUNK_BYTES) {
    const chunk = await next
    next = read(start + CHUNK_BYTES)
    next.catch(() => {}) // rethrown with the next chunk, if that is requested
    yield new Uint8Array(chunk)
  }
}
