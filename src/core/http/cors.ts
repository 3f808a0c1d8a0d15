/**
 * What web pages of other origins may do with the registry (the Fetch standard's CORS protocol, and Fetch Metadata):
 * nothing, unless the configuration names them. A registry on a developer's machine must not obey any page that they
 * happen to visit, nor tell it what is stored.
 */
import { RegistryError } from '../oci/error.ts'
import type { RegistryRequest } from './message.ts'
import type { CorsPolicy } from './origins.ts'
import { wouldExecute } from './security-headers.ts'

const EXPOSED = [
  'Docker-Content-Digest',
  'Docker-Distribution-API-Version',
  'Docker-Upload-UUID',
  'Content-Range',
  'ETag',
  'Flotilla-Source',
  'Flotilla-Tag-Source',
  'Link',
  'Location',
  'OCI-Filters-Applied',
  'OCI-Namespace',
  'OCI-Subject',
  'OCI-Tag',
  'Range',
  'Server-Timing',
  'WWW-Authenticate',
].join(', ')

/** For routes that only pages of the registry's own origin may use. */
export const SAME_ORIGIN_ONLY: CorsPolicy = { readers: 'none', mayRead: () => false, mayWrite: () => false }

/**
 * Headers that let the calling page read the response, if it may. Browsers cache blobs for long, so a response that
 * depends on the origin has `Vary` even if the request has no `Origin`.
 */
export function corsHeaders(request: RegistryRequest, rights: CorsPolicy): Record<string, string> {
  if (rights.readers === 'none') return {}
  if (rights.readers === 'all') return readableBy('*')
  const origin = request.header('origin')
  const readable = origin !== undefined && rights.mayRead(origin) ? readableBy(origin) : {}
  return { ...readable, Vary: 'Origin' }
}

const readableBy = (origin: string): Record<string, string> => ({
  'Access-Control-Allow-Origin': origin,
  'Access-Control-Expose-Headers': EXPOSED,
})

const READING = ['GET', 'HEAD', 'OPTIONS']

/** Headers of the response to a preflight request. @param methods - as `Allow` lists them */
export function preflightHeaders(
  request: RegistryRequest,
  rights: CorsPolicy,
  methods: string,
): Record<string, string> {
  const requested = request.header('access-control-request-headers')
  const origin = request.header('origin')
  const isReader = origin !== undefined && !rights.mayWrite(origin)
  const permitted = methods.split(', ').filter((method) => !isReader || READING.includes(method))
  return {
    'Access-Control-Allow-Methods': permitted.join(', '),
    ...(requested && { 'Access-Control-Allow-Headers': requested }),
    ...(request.header('access-control-request-private-network') && {
      'Access-Control-Allow-Private-Network': 'true',
    }),
    'Access-Control-Max-Age': '86400',
  }
}

/**
 * Browsers send many requests to other origins without a preflight: by a form, a link, an image. They are refused before
 * anything is looked up, so that neither the response nor its timing tells what is stored.
 *
 * @throws RegistryError DENIED for a page that may not do this, and for a request whose response would be executed
 */
export function refuseCrossOrigin(request: RegistryRequest, rights: CorsPolicy): void {
  if (wouldExecute(request.header('sec-fetch-dest')))
    throw denied('stored content cannot be used as a script, style or frame of a page')
  if (!isCrossOrigin(request)) return
  const origin = request.header('origin')
  const isReading = READING.includes(request.method)
  if (origin !== undefined && (isReading ? rights.mayRead(origin) : rights.mayWrite(origin))) return
  const setting = isReading ? 'http.cors.origins' : 'http.cors.writers'
  throw denied(`pages of this origin may not do this; ${setting} must name the origin`, origin)
}

const denied = (message: string, origin?: string): RegistryError =>
  new RegistryError('DENIED', message, origin === undefined ? {} : { detail: { origin } })

/** Browsers say which page sends a request, except by plain HTTP to another machine. */
function isCrossOrigin(request: RegistryRequest): boolean {
  const site = request.header('sec-fetch-site')
  const origin = request.header('origin')
  if (site === 'same-origin') return false
  if (origin !== undefined) return site !== undefined || !request.isOwn(origin)
  return site === undefined ? isAnonymousPage(request) : site !== 'none'
}

/**
 * Whether this is a browser that does not say which page sends the request. A page can suppress `Referer`, but not the
 * headers that browsers send with everything. So a browser's requests by plain HTTP pass only if `Referer` names a page of
 * our own.
 */
function isAnonymousPage(request: RegistryRequest): boolean {
  const isBrowser =
    request.header('accept-language') !== undefined && /^Mozilla\//.test(request.header('user-agent') ?? '')
  if (!isBrowser) return false
  const referrer = URL.parse(request.header('referer') ?? '')
  return referrer === null || !request.isOwn(referrer.origin)
}
