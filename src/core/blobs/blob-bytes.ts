/** The bytes of a `Blob`, read little by little. Apart because its own stream is slow where its chunks are small. */

/** Read at once; twice as much is in memory. */
const PIECE = 1024 * 1024

/** Not `blob.stream()`, which in Firefox gives 32 KiB at a time: a worker does little else than take them. */
export async function* bytesOf(blob: Blob): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const read = (start: number) => blob.slice(start, start + PIECE).arrayBuffer()
  let next = read(0)
  for (let start = 0; start < blob.size; start += PIECE) {
    const piece = await next
    next = read(start + PIECE)
    next.catch(() => {}) // told of with the next piece, if that is asked for
    yield new Uint8Array(piece)
  }
}
