/** Sends requests to a registry: resolves URLs, turns failures into {@link RegistryError}, follows the pages of lists. */
import { readAll } from '../blobs/streams.ts'
import { isObject } from '../oci/descriptor.ts'
import { ERROR_CODES, type ErrorCode, RegistryError } from '../oci/error.ts'
import { parseJson } from '../oci/json.ts'

export type Fetch = (request: Request) => Promise<Response>

/**
 * Sends a request with a body that is passed separately, and reports how much of it has been read. For platforms whose
 * `fetch` can neither send a stream nor report progress.
 */
export type HandOver = (request: Request, body: Blob, onSent: OnSent) => Promise<Response>

export type OnSent = (bytes: number) => void

/** More than any registry's error response. */
const MAX_ERROR_BYTES = 64 * 1024

/** As for a manifest. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024

export interface RequestOptions {
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Blob | ReadableStream<Uint8Array> | undefined
  /** If set, a `Blob` is handed over where the platform supports that. */
  readonly onSent?: OnSent | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Transport {
  /** Whether a `Blob` is handed over if `onSent` is given. */
  readonly handsOver: boolean
  /**
   * @param path - begins with `/v2/`, or is a URL from a response
   * @throws RegistryError for any status from 300 on, and UNAVAILABLE if there is no response
   */
  request(path: string, question?: RequestOptions): Promise<Response>
  /** Like `request`, but `undefined` for 404. */
  find(path: string, question?: RequestOptions): Promise<Response | undefined>
  /** The JSON of each page of a list, following `Link` headers. */
  pages(path: string, question?: RequestOptions): AsyncIterable<unknown>
}

/**
 * @param base - URL that paths are relative to; empty for the page's own. A path, such as `/flotilla/peers/ID`, is put in
 * front of theirs
 */
export function createTransport(fetch: Fetch, base: string, handOver?: HandOver): Transport {
  const request = async (path: string, options: RequestOptions = {}): Promise<Response> => {
    const url = base === '' || base.startsWith('/') ? base + path : urlOf(path, base)
    const response = await send({ fetch, handOver }, url, options)
    if (response.ok) return await requireRegistry(response)
    options.signal?.throwIfAborted()
    throw await failureIn(response)
  }
  const find: Transport['find'] = (path, options) => request(path, options).catch(undefinedIfUnknown)
  async function* pages(path: string, options?: RequestOptions): AsyncGenerator<unknown> {
    const seen = new Set<string>()
    for (let next: string | undefined = path; next !== undefined && !seen.has(next); ) {
      seen.add(next)
      const response = await find(next, options)
      if (!response) return
      yield jsonOf(await readBody(response, MAX_PAGE_BYTES))
      next = nextPage(response.headers)
    }
  }
  return { handsOver: handOver !== undefined, request, find, pages }
}

function urlOf(path: string, base: string): string {
  const url = URL.parse(path, base)
  if (url) return url.href
  throw new RegistryError('UNKNOWN', `the registry sent an invalid URL: ${path.slice(0, 256)}`)
}

/** Log-in pages and captive portals answer any request with success. */
async function requireRegistry(response: Response): Promise<Response> {
  if (!/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) return response
  await response.body?.cancel()
  throw notARegistry('it sends a web page')
}

/** Something answers, but not as a registry does. */
export const notARegistry = (reason: string): RegistryError =>
  new RegistryError('UNSUPPORTED', `what answers is not a registry: ${reason}`)

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes)
  } catch {
    throw notARegistry('its list is not JSON')
  }
}

/**
 * Reads a body of at most `limit` bytes into memory.
 *
 * @throws RegistryError UNKNOWN if the connection breaks, SIZE_INVALID if there are more bytes
 */
export async function readBody(response: Response, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readAll(response.body ?? [], limit)
  } catch (cause) {
    if (cause instanceof RegistryError) {
      throw new RegistryError(cause.code, `the response of the registry is too large: ${cause.message}`, {
        cause,
      })
    }
    if (isAbort(cause)) throw cause
    throw new RegistryError('UNKNOWN', 'the connection broke while the response was read', { cause })
  }
}

const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError'

interface Senders {
  readonly fetch: Fetch
  readonly handOver: HandOver | undefined
}

async function send({ fetch, handOver }: Senders, url: string, options: RequestOptions): Promise<Response> {
  const { signal, body, onSent, ...rest } = options
  const init = { ...rest, ...(signal && { signal }) }
  signal?.throwIfAborted()
  try {
    if (handOver && onSent && body instanceof Blob)
      return await handOver(new Request(url, init), body, onSent)
    return await fetch(new Request(url, { ...init, ...bodyOf(body) }))
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof RegistryError) throw cause // from a `fetch` that knows more
    throw new RegistryError('UNAVAILABLE', 'the registry does not answer', { cause })
  }
}

/** A request with a stream needs `duplex: 'half'`, which TypeScript's types for the web lack. */
const bodyOf = (body: RequestOptions['body']): RequestInit =>
  body === undefined ? {} : body instanceof Blob ? { body } : ({ body, duplex: 'half' } as RequestInit)

/** From the error envelope, or else from the status. */
async function failureIn(response: Response): Promise<RegistryError> {
  const { status } = response
  const [first] = await errorsIn(response)
  const code = codeOf(first?.['code'], status)
  const text = typeof first?.['message'] === 'string' && first['message']
  const message = text || `the registry answers ${status} ${response.statusText}`.trim()
  return new RegistryError(code, message, { status, detail: first?.['detail'] })
}

async function errorsIn(response: Response): Promise<Record<string, unknown>[]> {
  try {
    const envelope = parseJson(await readBody(response, MAX_ERROR_BYTES))
    const errors = isObject(envelope) ? envelope['errors'] : undefined
    return Array.isArray(errors) ? errors.filter(isObject) : []
  } catch {
    return [] // a response to HEAD, or a proxy's page
  }
}

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'UNAUTHORIZED',
  403: 'DENIED',
  405: 'UNSUPPORTED',
  416: 'RANGE_INVALID',
  429: 'TOOMANYREQUESTS',
  503: 'UNAVAILABLE',
}

const codeOf = (code: unknown, status: number): ErrorCode =>
  typeof code === 'string' && Object.hasOwn(ERROR_CODES, code)
    ? (code as ErrorCode)
    : (BY_STATUS[status] ?? 'UNKNOWN')

/** For a `catch`: 404 is not a failure. */
export function undefinedIfUnknown(error: unknown): undefined {
  if (error instanceof RegistryError && error.status === 404) return
  throw error
}

/** The URL of the next page of a list, from its `Link` header (RFC 8288). */
export const nextPage = (headers: Headers): string | undefined =>
  /<([^>]+)>\s*;[^,]*\brel="?next"?/i.exec(headers.get('link') ?? '')?.[1]
