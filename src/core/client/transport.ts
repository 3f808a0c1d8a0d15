/** One question to a registry and its answer: addresses, failures as {@link RegistryError}, pages of lists. */
import { isObject } from '../oci/descriptor.ts'
import { ERROR_CODES, type ErrorCode, RegistryError } from '../oci/error.ts'
import { parseJson } from '../oci/json.ts'

export type Fetch = (request: Request) => Promise<Response>

/**
 * Sends a request with a body that is handed over beside it, and tells how much of that has been taken: for where
 * `fetch` neither sends a stream nor tells of progress.
 */
export type HandOver = (request: Request, body: Blob, onSent: OnSent) => Promise<Response>

export type OnSent = (bytes: number) => void

/** More than any registry says about a failure. */
const MAX_ERROR_BYTES = 64 * 1024

/** A page of a list is to be read as a manifest is. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024

export interface Question {
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Blob | ReadableStream<Uint8Array> | undefined
  /** With it, a `Blob` is handed over where that can be done. */
  readonly onSent?: OnSent | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Transport {
  /** Whether a `Blob` is handed over where `onSent` is given. */
  readonly handsOver: boolean
  /**
   * @param path - from `/v2/` on, or a URL that the registry answered with
   * @throws RegistryError for any status from 300 on, and UNAVAILABLE where nobody answers
   */
  ask(path: string, question?: Question): Promise<Response>
  /** Like `ask`; `undefined` for 404. */
  find(path: string, question?: Question): Promise<Response | undefined>
  /** The JSON of every page of a list, by the `Link` headers (RFC 8288). */
  pages(path: string, question?: Question): AsyncIterable<unknown>
}

/**
 * @param base - URL that paths are relative to; empty where they are relative to a page's own. A path of that page, such
 * as `/flotilla/peers/ID`, stands before theirs
 */
export function createTransport(fetch: Fetch, base: string, handOver?: HandOver): Transport {
  const ask = async (path: string, question: Question = {}): Promise<Response> => {
    const url = base === '' || base.startsWith('/') ? base + path : urlOf(path, base)
    const response = await send({ fetch, handOver }, url, question)
    if (response.ok) return await requireRegistry(response)
    question.signal?.throwIfAborted()
    throw await failureIn(response)
  }
  const find: Transport['find'] = (path, question) => ask(path, question).catch(undefinedIfUnknown)
  async function* pages(path: string, question?: Question): AsyncGenerator<unknown> {
    const seen = new Set<string>()
    for (let next: string | undefined = path; next !== undefined && !seen.has(next); ) {
      seen.add(next)
      const response = await find(next, question)
      if (!response) return
      yield jsonOf(await readBody(response, MAX_PAGE_BYTES))
      next = nextPage(response)
    }
  }
  return { handsOver: handOver !== undefined, ask, find, pages }
}

function urlOf(path: string, base: string): string {
  const url = URL.parse(path, base)
  if (url) return url.href
  throw new RegistryError('UNKNOWN', `the registry names an address that is none: ${path.slice(0, 256)}`)
}

/** Log-in pages, captive portals and the like answer whatever they are asked with success. */
async function requireRegistry(response: Response): Promise<Response> {
  if (!/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) return response
  await response.body?.cancel()
  throw noRegistry('it sends a web page')
}

/** Something answers, but not as a registry does. */
export const noRegistry = (reason: string): RegistryError =>
  new RegistryError('UNSUPPORTED', `what answers is no registry: ${reason}`)

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes)
  } catch {
    throw noRegistry('its list is no JSON')
  }
}

/**
 * @throws RegistryError UNKNOWN where the connection breaks, SIZE_INVALID where there is more than `limit` bytes; no more
 * than that is in memory
 */
export async function readBody(response: Response, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength
      if (size > limit) throw new RegistryError('SIZE_INVALID', `the answer is larger than ${limit} bytes`)
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof RegistryError || isAbort(cause)) throw cause
    throw new RegistryError('UNKNOWN', 'the answer broke off', { cause })
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}

const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError'

interface Ways {
  readonly fetch: Fetch
  readonly handOver: HandOver | undefined
}

async function send({ fetch, handOver }: Ways, url: string, question: Question): Promise<Response> {
  const { signal, body, onSent, ...rest } = question
  const init = { ...rest, ...(signal && { signal }) }
  signal?.throwIfAborted()
  try {
    if (handOver && onSent && body instanceof Blob)
      return await handOver(new Request(url, init), body, onSent)
    return await fetch(new Request(url, { ...init, ...bodyOf(body) }))
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof RegistryError) throw cause // a `fetch` that knows more
    throw new RegistryError('UNAVAILABLE', 'the registry does not answer', { cause })
  }
}

/** Streams have to say that the answer comes after them (`duplex`), which the types of the web do not know yet. */
const bodyOf = (body: Question['body']): RequestInit =>
  body === undefined ? {} : body instanceof Blob ? { body } : ({ body, duplex: 'half' } as RequestInit)

/** What the envelope says, else what the status says. */
async function failureIn(response: Response): Promise<RegistryError> {
  const { status } = response
  const [first] = await errorsIn(response)
  const code = codeOf(first?.['code'], status)
  const said = typeof first?.['message'] === 'string' && first['message']
  const message = said || `the registry answers ${status} ${response.statusText}`.trim()
  return new RegistryError(code, message, { status, detail: first?.['detail'] })
}

async function errorsIn(response: Response): Promise<Record<string, unknown>[]> {
  try {
    const envelope = parseJson(await readBody(response, MAX_ERROR_BYTES))
    const errors = isObject(envelope) ? envelope['errors'] : undefined
    return Array.isArray(errors) ? errors.filter(isObject) : []
  } catch {
    return [] // HEAD, or the page of a proxy
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

/** For a `catch`: that there is no such thing is no failure. */
export function undefinedIfUnknown(error: unknown): undefined {
  if (error instanceof RegistryError && error.status === 404) return
  throw error
}

const nextPage = (response: Response): string | undefined =>
  /<([^>]+)>\s*;[^,]*\brel="?next"?/i.exec(response.headers.get('link') ?? '')?.[1]
