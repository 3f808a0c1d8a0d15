/** The registry in the web's own words, `fetch(Request) → Response`: for service workers, libraries and tests. */
import type { BodyPart, RegistryRequest, RegistryResponse } from './http.ts'
import type { Registry } from './registry.ts'

export const createFetch =
  (registry: Registry): ((request: Request) => Promise<Response>) =>
  async (request) =>
    toResponse(await registry(fromRequest(request)), request.method)

function fromRequest(request: Request): RegistryRequest {
  const url = new URL(request.url)
  return {
    method: request.method,
    target: url.pathname + url.search,
    origin: url.origin,
    header: (name) => request.headers.get(name) ?? undefined,
    body: request.body ?? undefined,
    signal: request.signal,
  }
}

function toResponse({ status, headers, body }: RegistryResponse, method: string): Response {
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((line): [string, string] => [name, line]),
  )
  const sent = method === 'HEAD' || !body?.length ? null : toStream(body)
  return new Response(sent, { status, headers: fields })
}

/** A single part goes out as it is; platforms know shorter ways for those. */
function toStream(parts: readonly BodyPart[]): BodyInit {
  const [part, ...others] = parts
  if (others.length === 0) return streamOf(part!)
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  void pipeAll(parts, writable)
  return readable
}

async function pipeAll(parts: readonly BodyPart[], writable: WritableStream<Uint8Array>): Promise<void> {
  try {
    for (const part of parts) await asStream(streamOf(part)).pipeTo(writable, { preventClose: true })
    await writable.close()
  } catch (error) {
    await writable.abort(error).catch(() => {}) // the reader has gone, or has been told by the pipe
  }
}

const streamOf = (part: BodyPart): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> =>
  part instanceof Uint8Array ? (part as Uint8Array<ArrayBuffer>) : part.content.stream(part.range)

const asStream = (body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>): ReadableStream<Uint8Array> =>
  body instanceof ReadableStream ? body : new Blob([body]).stream()
