/**
 * The registry of a peer, for this page: `/flotilla/peers/{id}/v2/…` is the peer's own `/v2/…`, as the page's `/v2/` is
 * answered here. Of the request only what the registry API needs goes on, never credentials; of the answer too, and that
 * is inert, since it comes from elsewhere but is read at the origin of the page.
 */

import { INERT } from '../../core/http/inert.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { QUIETLY } from '../swarm/http/request.ts'
import { QUIET_STATUS } from '../worker-messages.ts'

/** The URL of the registry of a peer that is reached by HTTP. */
export type FindRegistry = (id: string) => Promise<string | undefined>

/** The path and its query; the peer's id stands in it as it is. */
const PATH = /^\/flotilla\/peers\/(?<id>[1-9A-HJ-NP-Za-km-z]{46,62})(?<path>\/v2\/.*)$/

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

const ASKED = ['Accept', 'Cache-Control', 'Content-Range', 'Content-Type', 'Range']

const ANSWERED = [
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

/** Answers that may have no body, not even an empty one. */
const EMPTY = new Set([204, 205, 304])

/** More than a client sends at once, which is in memory here. */
const MAX_BODY = 64 * 1024 * 1024

export const isForwarded = ({ pathname }: URL): boolean => PATH.test(pathname)

/** @throws RegistryError UNAVAILABLE where the peer is not connected or does not answer, DENIED where it lets no page of this origin ask */
export async function forward(request: Request, find: FindRegistry): Promise<Response> {
  if (request.mode === 'navigate' || request.destination !== '' || !METHODS.has(request.method))
    throw new RegistryError('DENIED', 'this address is for the registry API alone')
  const { pathname, search } = new URL(request.url)
  const { id = '', path = '' } = PATH.exec(pathname)?.groups ?? {}
  const url = await find(id)
  if (url === undefined) throw new RegistryError('UNAVAILABLE', `the peer …${id.slice(-6)} is not connected`)
  const body = await bodyOf(request)
  const asked = new Request(url + path + search, {
    method: request.method,
    headers: picked(request.headers, ASKED),
    body,
    signal: request.signal,
    credentials: 'omit',
    cache: 'no-store',
    ...QUIETLY,
  })
  const response = await fetch(asked).catch((error) => explain(error, url, request.signal))
  const isEmpty = request.method === 'HEAD' || EMPTY.has(response.status)
  const isQuiet = response.status === 404 && request.headers.has(QUIET_STATUS)
  return new Response(isEmpty ? null : response.body, {
    status: isQuiet ? 200 : response.status,
    headers: {
      ...picked(response.headers, ANSWERED),
      ...placeIn(response, url),
      ...(isQuiet && { [QUIET_STATUS]: '404' }),
      ...INERT,
    },
  })
}

/** As a Blob: browsers send no streams over HTTP/1.1. @throws RegistryError SIZE_INVALID */
async function bodyOf(request: Request): Promise<Blob | null> {
  if (request.method === 'GET' || request.method === 'HEAD') return null
  const body = await request.blob()
  if (body.size <= MAX_BODY) return body
  throw new RegistryError('SIZE_INVALID', `send at most ${MAX_BODY} bytes at once`, { status: 413 })
}

function picked(headers: Headers, names: readonly string[]): Record<string, string> {
  const present = names.map((name) => [name, headers.get(name)] as const)
  return Object.fromEntries(present.filter((entry): entry is readonly [string, string] => entry[1] !== null))
}

/** As a path, which the page asks by way of here again. */
function placeIn({ headers }: Response, url: string): { Location?: string } {
  const location = headers.get('Location')
  if (location === null) return {}
  const place = URL.parse(location, url)
  if (place?.origin === new URL(url).origin) return { Location: place.pathname + place.search }
  throw new RegistryError(
    'UNSUPPORTED',
    `the registry at ${new URL(url).host} sends pushes on to another address`,
    {
      status: 502,
    },
  )
}

/** Browsers tell nobody whether a server is away or lets no page of this origin in; one that answers at all is there. */
async function explain(error: unknown, url: string, signal: AbortSignal): Promise<never> {
  signal.throwIfAborted()
  const { host, origin } = new URL(url)
  const options = { mode: 'no-cors', credentials: 'omit', referrerPolicy: 'no-referrer', signal } as const
  const isThere = origin !== location.origin && (await fetch(url, options).catch(() => undefined))
  throw isThere
    ? new RegistryError(
        'DENIED',
        `the registry at ${host} does not let pages of ${location.origin} do this; its setting http.cors.writers has to name ${location.origin}`,
        { cause: error },
      )
    : new RegistryError('UNAVAILABLE', `the registry at ${host} does not answer`, { cause: error })
}
