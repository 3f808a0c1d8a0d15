/**
 * Pushing one blob: in one request where it is small, in chunks where it is large, and on from where it was after a
 * connection that broke.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 */
import { algorithmOf, CANONICAL, type Digest, digestOf } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { OCTET_STREAM } from '../oci/media-type.ts'
import { piecesOf } from './pieces.ts'
import type { Sliceable } from './sliceable.ts'
import { noRegistry, type Question, type Transport } from './transport.ts'

export interface PushOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * A repository that may have the blob, often the target itself: the registry is asked in the same request that starts
   * the upload, and then no bytes are sent.
   */
  readonly from?: string | undefined
  /**
   * Bytes of one request, each sent from memory: where a stream cannot be sent, as by browsers over HTTP/1.1. Default: streams
   * of up to 1 GiB.
   */
  readonly chunk?: number | undefined
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

/** Bytes that go with the first request: so many a server written in Go takes that it did not ask for. */
const SMALL = 256 * 1024

/** What a registry may ask for at least: chunks may be in memory. */
const MAX_LEAST_CHUNK = 64 * 1024 * 1024

/** Breaks in a row without a byte gained in between. */
const MAX_BREAKS = 4

/** Milliseconds before the first new try; each further one waits twice as long. */
const PAUSE = 200

/** An upload that was started. Its address may change with every answer. */
interface Session {
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
  const { response, hasBytes } = await start(transport, repository, digest, content, options)
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
    await transport.ask(session.location, { method: 'DELETE' }).catch(() => {}) // it may be gone already
    throw error
  }
  return 'sent'
}

/** 201 where nothing more is to be sent, 202 with the address of an upload. */
async function start(
  transport: Transport,
  repository: string,
  digest: Digest,
  content: Sliceable | ReadableStream<Uint8Array>,
  { from, signal }: PushOptions,
): Promise<{ readonly response: Response; readonly hasBytes: boolean }> {
  const path = `/v2/${repository}/blobs/uploads/`
  const algorithm = algorithmOf(digest)
  const hint = algorithm === CANONICAL ? '' : `digest-algorithm=${algorithm}`
  const plain = async () => {
    const response = await transport.ask(`${path}${hint && `?${hint}`}`, { method: 'POST', signal })
    return { response, hasBytes: false }
  }
  if (from === undefined) return plain()
  const mount = `?mount=${digest}&from=${from}${hint && `&${hint}`}`
  const body = await smallBody(content, digest)
  const question = body && { headers: { 'Content-Type': OCTET_STREAM }, body }
  const url = `${path}${mount}${body ? `&digest=${digest}` : ''}`
  try {
    const response = await transport.ask(url, { method: 'POST', signal, ...question })
    return { response, hasBytes: body !== undefined }
  } catch (error) {
    if (isFinal(error)) throw error
    return plain() // not every registry mounts, or takes both at once
  }
}

/** @throws RegistryError DIGEST_INVALID, so that a registry which has the blob does not hide that this one is damaged */
async function smallBody(
  content: Sliceable | ReadableStream<Uint8Array>,
  digest: Digest,
): Promise<Blob | undefined> {
  if (content instanceof ReadableStream || content.size === 0 || content.size > SMALL) return undefined
  const bytes = new Uint8Array(await content.arrayBuffer())
  const actual = await digestOf(bytes, algorithmOf(digest))
  if (actual === digest) return new Blob([bytes])
  throw new RegistryError('DIGEST_INVALID', undefined, { detail: { expected: digest, actual } })
}

/** Another try in other words would end in the same way. */
const isFinal = (error: unknown): boolean =>
  !(error instanceof RegistryError) || [401, 403, 429, 507].includes(error.status)

/** It was mounted. Other registries than ours do not tell that from what came with the question. */
const isFromBefore = ({ headers }: Response): boolean => headers.get('flotilla-source') === 'disk'

/** Where an upload goes on that was started. */
export function locationIn(response: Response): string {
  const location = response.headers.get('location')
  if (location !== null) return location
  throw noRegistry('it starts uploads nowhere')
}

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

async function pushAll(session: Session, blob: Sliceable, path: string): Promise<void> {
  let offset = 0
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
async function askOffset(session: Session, path: string, size: number): Promise<number | 'whole'> {
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
