/** A stream in pieces, for where a request cannot be sent as one: one piece is in memory at a time. */

/** Each has `size` bytes, or the chunk more with which it came to so many; the last one may have fewer. */
export async function* piecesOf(stream: ReadableStream<Uint8Array>, size: number): AsyncGenerator<Blob> {
  let chunks: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  for await (const chunk of stream) {
    chunks.push(chunk as Uint8Array<ArrayBuffer>)
    length += chunk.byteLength
    if (length < size) continue
    yield new Blob(chunks)
    chunks = []
    length = 0
  }
  if (length > 0) yield new Blob(chunks)
}
