/** Streams as bodies of requests: where they can be sent at all, how much of one has gone, and in pieces where they cannot. */

let known: boolean | undefined

/** A browser that cannot never asks for `duplex`, and sends the stream's name as text. */
export function canSendStreams(): boolean {
  if (known !== undefined) return known
  let isAsked = false
  const init = {
    method: 'POST',
    body: new ReadableStream(),
    get duplex() {
      isAsked = true
      return 'half'
    },
  }
  const { headers } = new Request('data:,', init as RequestInit)
  known = isAsked && !headers.has('content-type')
  return known
}

/** @param start - bytes that went before it */
export function counted(
  stream: ReadableStream<Uint8Array>,
  start: number,
  onProgress: ((sent: number) => void) | undefined,
): ReadableStream<Uint8Array> {
  if (!onProgress) return stream
  let sent = start
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      sent += chunk.byteLength
      controller.enqueue(chunk)
      onProgress(sent)
    },
  })
  return stream.pipeThrough(counter)
}

/** One of them is in memory at a time. Each has `size` bytes, and what its last chunk brought beyond; the last may have fewer. */
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
