/**
 * Pushing one blob: in one request where it is small, in chunks where it is large, and on from where it was after a
 * connection that broke.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 */
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { OCTET_STREAM } from '../oci/media-type.ts'
import { piecesOf } from './pieces.ts'
import type { Sliceable } from './sliceable.ts'
import { isFromBefore, locationIn, type StartOptions, startUpload } from './start-upload.ts'
import type { Question, Transport } from './transport.ts'

export interface PushOptions extends StartOptions {
  /**
   * Bytes of one request, each sent from memory: where a stream cannot be sent, as by browsers over HTTP/1.1. Default: streams
   * of up to 1 GiB.
   */
  readonly chunk?: number | undefined
  /**
   * Uploads that ended early, by the digests of their blobs: one that is in it goes on where it was, and one that `signal`
   * or the connection ends is put there and stays at the registry. Not for streams, which cannot be read again.
   */
  readonly unfinished?: Map<string, string> | undefined
  /** Told how many bytes have been handed over so far; fewer than before where some of them were lost on the way. */
  readonly onProgress?: ((sent: number) => void) | undefined
}

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

/** An upload that was started. Its address may change with every answer. */
export interface Session {
  readonly transport: Transport
  readonly digest: Digest
  readonly options: PushOptions
  /** The least that the registry takes in one request, but the last. */
  readonly leastChunk: number
  location: string
}

/** Gives `held` where the registry says that it had the blob, so that no bytes were needed. */
export type Pushed = 'sent' | 'held'

export async function pushBlob(
  transport: Transport,
  repository: string,
  digest: Digest,
  content: Sliceable | ReadableStream<Uint8Array>,
  options: PushOptions = {},
): Promise<Pushed> {
  const { response, hasBytes } = await startUpload(transport, repository, digest, content, options)
  if (response.status === 201) {
    if (!(content instanceof ReadableStream)) options.onProgress?.(content.size)
    return hasBytes && !isFromBefore(response) ? 'sent' : 'held'
  }
  const leastChunk = Number(response.headers.get('oci-chunk-min-length')) || 0
  const session = { transport, digest, options, leastChunk, location: locationIn(response) }
  try {
    if (content instanceof ReadableStream) await pushStream(session, content)
    else await pushAll(session, content, `/v2/${repository}/blobs/${digest}`)
  } catch (error) {
    if (!leave(session, content, error)) await drop(transport, session.location)
    throw error
  }
  return 'sent'
}

/** For another time, where that is wanted: see `unfinished`. */
export function leave({ digest, location, options }: Session, content: unknown, error: unknown): boolean {
  const { unfinished, signal } = options
  if (!unfinished || content instanceof ReadableStream) return false
  if (!signal?.aborted && !isBreak(error)) return false
  unfinished.set(digest, location)
  return true
}

/** It may be gone already. */
export const drop = (transport: Transport, location: string): Promise<unknown> =>
  transport.ask(location, { method: 'DELETE' }).catch(() => {})

async function pushStream(session: Session, stream: ReadableStream<Uint8Array>): Promise<void> {
  const { options } = session
  if (canSendStreams()) return await finish(session, { body: counted(stream, 0, options) })
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
  if (options.chunk === undefined && canSendStreams()) return counted(slice.stream(), start, options)
  return slice instanceof Blob ? slice : new Blob([await slice.arrayBuffer()])
}

const rangeOf = (start: number, end: number): Readonly<Record<string, string>> =>
  end > start ? { 'Content-Range': `${start}-${end - 1}` } : {}

async function sendChunk(session: Session, chunk: Question): Promise<void> {
  follow(session, await session.transport.ask(session.location, questionOf(session, 'PATCH', chunk)))
}

async function finish(session: Session, chunk: Question = {}): Promise<void> {
  const { transport, digest, location } = session
  const query = `${location.includes('?') ? '&' : '?'}digest=${digest}`
  await transport.ask(location + query, questionOf(session, 'PUT', chunk))
}

const questionOf = ({ options }: Session, method: 'PATCH' | 'PUT', chunk: Question): Question => ({
  ...chunk,
  method,
  headers: { 'Content-Type': OCTET_STREAM, ...chunk.headers },
  signal: options.signal,
})

/** How much has arrived: all of it also where the upload was finished and only the answer was lost. */
export async function askOffset(session: Session, path: string, size: number): Promise<number | 'whole'> {
  const { transport, options } = session
  const response = await transport.find(session.location, { signal: options.signal })
  if (response) {
    follow(session, response)
    const last = Number(/^(?:bytes=)?0-(\d{1,15})$/.exec(response.headers.get('range') ?? '')?.[1] ?? 0)
    return last === 0 ? 0 : Math.min(last + 1, size)
  }
  if (await transport.find(path, { method: 'HEAD', signal: options.signal })) return 'whole'
  throw new RegistryError('BLOB_UPLOAD_UNKNOWN', 'the registry has forgotten the upload')
}

function follow(session: Session, response: Response): void {
  session.location = response.headers.get('location') ?? session.location
}

/** Failures after which the same upload may go on. */
function isBreak(error: unknown): boolean {
  if (!(error instanceof RegistryError)) return false
  return [409, 416, 500, 502, 503, 504].includes(error.status)
}

function counted(
  stream: ReadableStream<Uint8Array>,
  start: number,
  { onProgress }: PushOptions,
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

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  signal?.throwIfAborted()
}

let known: boolean | undefined

/** A browser that cannot never asks for `duplex`, and sends the stream's name as text. */
function canSendStreams(): boolean {
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
