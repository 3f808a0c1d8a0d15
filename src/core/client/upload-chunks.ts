/** The bytes of an upload: how many go with one request, and on from where they were after one that broke. */
import { canSendStreams, counted, piecesOf } from './sent-stream.ts'
import type { Sliceable } from './sliceable.ts'
import { askOffset, finish, isBreak, type PushOptions, type Session, sendChunk } from './upload-session.ts'

/**
 * Bytes of one request. A service worker has five minutes to answer, and a disk that cannot append keeps each chunk as
 * a file of its own and copies it in the end: so few chunks, none too large.
 */
const CHUNK = 1024 * 1024 * 1024

/** Where streams cannot be sent nor blobs handed over, progress is told by chunks; and so much of a stream is in memory. */
const SMALL_CHUNK = 16 * 1024 * 1024

/** What a registry may ask for at least: chunks may be in memory. */
const MAX_LEAST_CHUNK = 64 * 1024 * 1024

/** Breaks in a row without a byte gained in between. */
const MAX_BREAKS = 4

/** Milliseconds before the first new try; each further one waits twice as long. */
const PAUSE = 200

export async function pushStream(session: Session, stream: ReadableStream<Uint8Array>): Promise<void> {
  const { options } = session
  if (canSendStreams()) return await finish(session, { body: counted(stream, 0, options.onProgress) })
  let start = 0
  for await (const piece of piecesOf(stream, SMALL_CHUNK)) {
    await sendChunk(session, { body: piece, headers: rangeOf(start, start + piece.size) })
    start += piece.size
    options.onProgress?.(start)
  }
  await finish(session)
}

export async function pushAll(session: Session, blob: Sliceable, path: string, start = 0): Promise<void> {
  let offset = start
  for (let breaks = 0; ; ) {
    try {
      const sent = await pushChunk(session, blob, offset)
      if (sent === blob.size) return
      offset = sent
      breaks = 0
    } catch (error) {
      if (!isBreak(error) || breaks === MAX_BREAKS) throw error
      await pause(PAUSE * 2 ** breaks, session.options.signal)
      const arrived = await askOffset(session, path, blob.size)
      if (arrived === 'whole') return
      breaks = arrived > offset ? 0 : breaks + 1
      offset = arrived
    }
  }
}

/** Gives the offset of the next chunk. */
async function pushChunk(session: Session, blob: Sliceable, start: number): Promise<number> {
  const { options } = session
  const end = Math.min(blob.size, start + chunkOf(session, blob))
  const body = await bodyOf(blob.slice(start, end), start, options)
  const onSent = (bytes: number) => options.onProgress?.(start + bytes)
  const chunk = { body, onSent, headers: rangeOf(start, end) }
  if (end === blob.size) await finish(session, chunk)
  else await sendChunk(session, chunk)
  options.onProgress?.(end)
  return end
}

function chunkOf({ transport, options, leastChunk }: Session, blob: Sliceable): number {
  const isNowhereInMemory = canSendStreams() || (transport.handsOver && blob instanceof Blob)
  const usual = isNowhereInMemory ? CHUNK : SMALL_CHUNK
  return Math.max(options.chunk ?? usual, Math.min(leastChunk, MAX_LEAST_CHUNK))
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
