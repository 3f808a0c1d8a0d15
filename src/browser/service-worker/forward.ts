/**
 * Forwards `/flotilla/peers/{id}/v2/…` to the `/v2/…` of a peer that is reached by HTTP. Only the headers that the registry
 * API needs are forwarded, both ways, and never credentials. The response gets the security headers, because it comes from a
 * stranger but has the origin of the page.
 */

import { SECURITY_HEADERS } from '../../core/http/security-headers.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { PEER_FETCH } from '../swarm/http/request.ts'
import { QUIET_STATUS } from '../worker-messages.ts'

/** Returns the URL of a peer's registry; `undefined` if the peer is not reached by HTTP. */
export type FindRegistry = (id: string) => Promise<string | undefined>

/** The peer's id is not encoded. */
const PATH = /^\/flotilla\/peers\/(?<id>[1-9A-HJ-NP-Za-km-z]{46,62})(?<path>\/v2\/.*)$/

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

const REQUEST_HEADERS = ['Accept', 'Cache-Control', 'Content-Range', 'Content-Type', 'Range']

const RESPONSE_HEADERS = [
  'Content-Length',
  'Content-Range',
  'Content-Type',
  'Docker-Content-Digest',
  'Docker-Upload-UUID',
  'ETag',
  'Link',
  'OCI-Chunk-Min-Length',
  'OCI-Filters-Applied',
  'OCI-Subject',
  'Range',
  'Retry-After',
]

/** Statuses whose responses may have no body, not even an empty one. */
const BODYLESS = new Set([204, 205, 304])

/** The body of a request is in memory here. Clients send less at once. */
const MAX_BODY_BYTES = 64 * 1024 * 1024

export const isForwarded = ({ pathname }: URL): boolean => PATH.test(pathname)

/** @throws RegistryError UNAVAILABLE if the peer is not connected or does not answer, DENIED if it lets no page of this origin use it */
export async function forward(request: Request, find: FindRegistry): Promise<Response> {
  if (request.mode === 'navigate' || request.destination !== '' || !METHODS.has(request.method))
    throw new RegistryError('DENIED', 'this path is only for requests of the registry API')
  const { pathname, search } = new URL(request.url)
  const { id = '', path = '' } = PATH.exec(pathname)?.groups ?? {}
  const url = await find(id)
  if (url === undefined) throw new RegistryError('UNAVAILABLE', `the peer …${id.slice(-6)} is not connected`)
  const body = await bodyOf(request)
  const forwarded = new Request(url + path + search, {
    method: request.method,
    headers: picked(request.headers, REQUEST_HEADERS),
    body,
    signal: request.signal,
    credentials: 'omit',
    cache: 'no-store',
    ...PEER_FETCH,
  })
  const response = await fetch(forwarded).catch((error) => explain(error, url, request.signal))
  const isEmpty = request.method === 'HEAD' || BODYLESS.has(response.status)
  const isQuiet = response.status === 404 && request.headers.has(QUIET_STATUS)
  return new Response(isEmpty ? null : response.body, {
    status: isQuiet ? 200 : response.status,
    headers: {
      ...picked(response.headers, RESPONSE_HEADERS),
      ...localLocation(response, url),
      ...(isQuiet && { [QUIET_STATUS]: '404' }),
      ...SECURITY_HEADERS,
    },
  })
}

/** As a `Blob`, because browsers send no streams over HTTP/1.1. @throws RegistryError SIZE_INVALID */
async function bodyOf(request: Request): Promise<Blob | null> {
  if (request.method === 'GET' || request.method === 'HEAD') return null
  const body = await request.blob()
  if (body.size <= MAX_BODY_BYTES) return body
  throw new RegistryError('SIZE_INVALID', `send at most ${MAX_BODY_BYTES} bytes at once`, { status: 413 })
}

function picked(headers: Headers, names: readonly string[]): Record<string, string> {
  const present = names.map((name) => [name, headers.get(name)] as const)
  return Object.fromEntries(present.filter((entry): entry is readonly [string, string] => entry[1] !== null))
}

/** The path of `Location`, which the page requests through this worker again. */
function localLocation({ headers }: Response, url: string): { Location?: string } {
  const location = headers.get('Location')
  if (location === null) return {}
  const target = URL.parse(location, url)
  if (target?.origin === new URL(url).origin) return { Location: target.pathname + target.search }
  throw new RegistryError(
    'UNSUPPORTED',
    `the registry at ${new URL(url).host} redirects uploads to another address, which is not supported`,
    {
      status: 502,
    },
  )
}

/** Browsers don't say whether a server is away or refuses pages of this origin. A `no-cors` request finds out. */
async function explain(error: unknown, url: string, signal: AbortSignal): Promise<never> {
  signal.throwIfAborted()
  const { host, origin } = new URL(url)
  const options = { mode: 'no-cors', credentials: 'omit', referrerPolicy: 'no-referrer', signal } as const
  const isReachable = origin !== location.origin && (await fetch(url, options).catch(() => undefined))
  throw isReachable
    ? new RegistryError(
        'DENIED',
        `the registry at ${host} does not let pages of ${location.origin} do this; its setting http.cors.writers has to name ${location.origin}`,
        { cause: error },
      )
    : new RegistryError('UNAVAILABLE', `the registry at ${host} does not answer`, { cause: error })
}
