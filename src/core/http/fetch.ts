/** The registry as the web's own `fetch(Request) → Response`: for service workers, libraries and tests. */

import { bytesOf } from '../blobs/blob-bytes.ts'
import type { Bytes, Content } from '../blobs/ports.ts'
import type { ByteRange } from '../oci/range.ts'
import type { BodyPart, Handler, RegistryRequest, RegistryResponse } from './message.ts'

/** Content as a `Blob`, which a `Response` sends without a stream; `undefined` if it is not one. */
export type BlobOf = (content: Content, range?: ByteRange) => Blob | undefined

export interface FetchOptions {
  readonly blobOf?: BlobOf
}

export const createFetch =
  (registry: Handler, { blobOf }: FetchOptions = {}): ((request: Request) => Promise<Response>) =>
  async (request) =>
    toResponse(await registry(fromRequest(request)), request.method, blobOf)

function fromRequest(request: Request): RegistryRequest {
  const url = new URL(request.url)
  return {
    method: request.method,
    target: url.pathname + url.search,
    origin: url.origin,
    isOwn: (origin) => origin.split('://')[1] === url.host, // a proxy that ends TLS changes the scheme
    header: (name) => request.headers.get(name) ?? undefined,
    body: bodyOf(request),
    signal: request.signal,
  }
}

function toResponse(
  { status, headers, body }: RegistryResponse,
  method: string,
  blobOf: BlobOf | undefined,
): Response {
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((line): [string, string] => [name, line]),
  )
  const sent = method === 'HEAD' || !body?.length ? null : toBody(body, blobOf)
  return new Response(sent, { status, headers: fields })
}

/** A single part is sent as it is. Several become one `Blob`, or a stream if one of them has to be read. */
function toBody(parts: readonly BodyPart[], blobOf: BlobOf | undefined): BodyInit {
  if (parts.length === 1) return pieceOf(parts[0]!, blobOf)
  const available = parts.map((part) => availableOf(part, blobOf)).filter((piece) => piece !== undefined)
  if (available.length === parts.length) return new Blob(available)
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  void pipeAll(parts, blobOf, writable)
  return readable
}

async function pipeAll(
  parts: readonly BodyPart[],
  blobOf: BlobOf | undefined,
  writable: WritableStream<Uint8Array>,
): Promise<void> {
  try {
    for (const part of parts) await asStream(pieceOf(part, blobOf)).pipeTo(writable, { preventClose: true })
    await writable.close()
  } catch (error) {
    await writable.abort(error).catch(() => {}) // the reader has cancelled, or the pipe has told it
  }
}

type Available = Uint8Array<ArrayBuffer> | Blob

const availableOf = (part: BodyPart, blobOf: BlobOf | undefined): Available | undefined =>
  part instanceof Uint8Array ? (part as Uint8Array<ArrayBuffer>) : blobOf?.(part.content, part.range)

const pieceOf = (part: BodyPart, blobOf: BlobOf | undefined): Available | ReadableStream<Uint8Array> =>
  part instanceof Uint8Array
    ? (part as Uint8Array<ArrayBuffer>)
    : (blobOf?.(part.content, part.range) ?? part.content.stream(part.range))

const asStream = (piece: Available | ReadableStream<Uint8Array>): ReadableStream<Uint8Array> =>
  piece instanceof ReadableStream ? piece : new Blob([piece]).stream()

/**
 * Firefox has no `Request.body`, so there the body is read as a `Blob`, which it keeps in a file if it is large. Only
 * reading shows whether there is a body: without one, it is empty.
 *
 * @see https://bugzilla.mozilla.org/show_bug.cgi?id=1387483
 */
export function bodyOf(request: Request): Bytes | undefined {
  if ('body' in request) return request.body ?? undefined
  return canHaveBody((request as Request).method) ? bytesOfBlob(request) : undefined
}

async function* bytesOfBlob(request: Request): AsyncGenerator<Uint8Array> {
  yield* bytesOf(await request.blob())
}

/** The Fetch standard allows no body for these two. */
const canHaveBody = (method: string): boolean => method !== 'GET' && method !== 'HEAD'
