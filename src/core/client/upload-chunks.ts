/**
 * Sends the bytes of an upload in chunks, and resumes after a broken connection. Chunks are streams where the platform
 * can send streams.
 */
import type { Sliceable } from './sliceable.ts'
import {
  fetchOffset,
  finish,
  isInterruption,
  type PushOptions,
  type Session,
  sendChunk,
} from './upload-session.ts'

/**
 * Bytes per request. A service worker has five minutes to respond, so chunks can't be too large; a disk that can't append
 * stores each chunk as a file and copies it at the end, so there should be few.
 */
const CHUNK_BYTES = 1024 * 1024 * 1024

/** Where neither streams can be sent nor blobs handed over: progress is per chunk, and a chunk of a stream is in memory. */
const SMALL_CHUNK_BYTES = 16 * 1024 * 1024

/** The largest minimum that a registry may demand, because chunks may be in memory. */
const MAX_MIN_CHUNK_BYTES = 64 * 1024 * 1024

/** Consecutive interruptions without progress before the upload fails. */
const MAX_INTERRUPTIONS = 4

/** Before the first retry; doubles with each further one. */
const RETRY_DELAY_MS = 200

export async function pushStream(session: Session, stream: ReadableStream<Uint8Array>): Promise<void> {
  const { options } = session
  if (canSendStreams()) return await finish(session, { body: counted(stream, 0, options.onProgress) })
  let start = 0
  for await (const piece of piecesOf(stream, SMALL_CHUNK_BYTES)) {
    await sendChunk(session, { body: piece, headers: rangeOf(start, start + piece.size) })
    start += piece.size
    options.onProgress?.(start)
  }
  await finish(session)
}

export async function pushAll(session: Session, blob: Sliceable, path: string, start = 0): Promise<void> {
  let offset = start
  for (let interruptions = 0; ; ) {
    try {
      const sent = await pushChunk(session, blob, offset)
      if (sent === blob.size) return
      offset = sent
      interruptions = 0
    } catch (error) {
      if (!isInterruption(error) || interruptions === MAX_INTERRUPTIONS) throw error
      await pause(RETRY_DELAY_MS * 2 ** interruptions, session.options.signal)
      const received = await fetchOffset(session, path, blob.size)
      if (received === 'complete') return
      interruptions = received > offset ? 0 : interruptions + 1
      offset = received
    }
  }
}

/** @returns the offset of the next chunk */
async function pushChunk(session: Session, blob: Sliceable, start: number): Promise<number> {
  const { options } = session
  const end = Math.min(blob.size, start + chunkBytes(session, blob))
  const body = await bodyOf(blob.slice(start, end), start, options)
  const onSent = (bytes: number) => options.onProgress?.(start + bytes)
  const chunk = { body, onSent, headers: rangeOf(start, end) }
  if (end === blob.size) await finish(session, chunk)
  else await sendChunk(session, chunk)
  options.onProgress?.(end)
  return end
}

function chunkBytes({ transport, options, minChunk }: Session, blob: Sliceable): number {
  const isNeverInMemory = canSendStreams() || (transport.handsOver && blob instanceof Blob)
  const standard = isNeverInMemory ? CHUNK_BYTES : SMALL_CHUNK_BYTES
  return Math.max(options.chunk ?? standard, Math.min(minChunk, MAX_MIN_CHUNK_BYTES))
}

async function bodyOf(
  slice: Sliceable,
  start: number,
  options: PushOptions,
): Promise<Blob | ReadableStream<Uint8Array>> {
  if (options.chunk === undefined && canSendStreams())
    return counted(slice.stream(), start, options.onProgress)
  return slice instanceof Blob ? slice : new Blob([await slice.arrayBuffer()])
}

const rangeOf = (start: number, end: number): Readonly<Record<string, string>> =>
  end > start ? { 'Content-Range': `${start}-${end - 1}` } : {}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  signal?.throwIfAborted()
}

/** Whether streams can be sent, once that has been tried. */
let known: boolean | undefined

/** A browser that can't send streams never reads `duplex`, and sends the text `[object ReadableStream]`. */
export function canSendStreams(): boolean {
  if (known !== undefined) return known
  let readsDuplex = false
  const init = {
    method: 'POST',
    body: new ReadableStream(),
    get duplex() {
      readsDuplex = true
      return 'half'
    },
  }
  const { headers } = new Request('data:,', init as RequestInit)
  known = readsDuplex && !headers.has('content-type')
  return known
}

/** @param start - bytes that were sent before the stream */
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

/** Only one piece is in memory at a time. Pieces have at least `size` bytes, except for the last. */
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
