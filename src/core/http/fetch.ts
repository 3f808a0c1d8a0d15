/** The registry in the web's own words, `fetch(Request) → Response`: for service workers, libraries and tests. */
import type { Content } from '../blobs/ports.ts'
import type { ByteRange } from '../oci/range.ts'
import type { BodyPart, Handler, RegistryRequest, RegistryResponse } from './message.ts'
import { bodyOf } from './request-body.ts'

/** Content as the platform's own object, whose bytes a `Response` sends without a stream; `undefined` where it is none. */
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
    isOwn: (origin) => origin.split('://')[1] === url.host, // whoever ended TLS has changed the scheme
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

/** A single part goes out as it is; several are one blob, unless one of them must be read. */
function toBody(parts: readonly BodyPart[], blobOf: BlobOf | undefined): BodyInit {
  if (parts.length === 1) return pieceOf(parts[0]!, blobOf)
  const atHand = parts.map((part) => atHandOf(part, blobOf)).filter((piece) => piece !== undefined)
  if (atHand.length === parts.length) return new Blob(atHand)
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
    await writable.abort(error).catch(() => {}) // the reader has gone, or has been told by the pipe
  }
}

type AtHand = Uint8Array<ArrayBuffer> | Blob

const atHandOf = (part: BodyPart, blobOf: BlobOf | undefined): AtHand | undefined =>
  part instanceof Uint8Array ? (part as Uint8Array<ArrayBuffer>) : blobOf?.(part.content, part.range)

const pieceOf = (part: BodyPart, blobOf: BlobOf | undefined): AtHand | ReadableStream<Uint8Array> =>
  part instanceof Uint8Array
    ? (part as Uint8Array<ArrayBuffer>)
    : (blobOf?.(part.content, part.range) ?? part.content.stream(part.range))

const asStream = (piece: AtHand | ReadableStream<Uint8Array>): ReadableStream<Uint8Array> =>
  piece instanceof ReadableStream ? piece : new Blob([piece]).stream()
