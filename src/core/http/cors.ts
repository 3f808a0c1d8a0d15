/**
 * What web pages of other origins may ask of the registry (the Fetch standard's CORS protocol, and Fetch Metadata).
 * Nothing, unless the configuration names them: a registry on a developer's machine must not obey any page that he
 * happens to visit, nor tell it what is there.
 */
import { RegistryError } from '../oci/error.ts'
import { wouldRun } from './inert.ts'
import type { RegistryRequest } from './message.ts'
import type { PageRights } from './origins.ts'

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

/** Of what is for no page but the registry's own. */
export const NO_RIGHTS: PageRights = { readers: 'none', mayRead: () => false, mayWrite: () => false }

/**
 * Headers that let the calling page read the response; none where it may not. Browsers cache blobs for long, so
 * a response that depends on the origin says so even to those that send none.
 */
export function corsHeaders(request: RegistryRequest, rights: PageRights): Record<string, string> {
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

/** Answers the question that a browser asks before an unusual request. @param methods - as `Allow` lists them */
export function preflightHeaders(
  request: RegistryRequest,
  rights: PageRights,
  methods: string,
): Record<string, string> {
  const asked = request.header('access-control-request-headers')
  const origin = request.header('origin')
  const isReader = origin !== undefined && !rights.mayWrite(origin)
  const permitted = methods.split(', ').filter((method) => !isReader || READING.includes(method))
  return {
    'Access-Control-Allow-Methods': permitted.join(', '),
    ...(asked && { 'Access-Control-Allow-Headers': asked }),
    ...(request.header('access-control-request-private-network') && {
      'Access-Control-Allow-Private-Network': 'true',
    }),
    'Access-Control-Max-Age': '86400',
  }
}

/**
 * Browsers send most requests across origins without asking first: by a form, a link, an image. Refused before
 * anything is looked up, so that neither the answer nor its time tells what is here.
 *
 * @throws RegistryError DENIED for a page that may not do this, and for what would run what is held here
 */
export function refuseForeign(request: RegistryRequest, rights: PageRights): void {
  if (wouldRun(request.header('sec-fetch-dest'))) throw denied('what is kept here is no part of a page')
  if (!isForeign(request)) return
  const origin = request.header('origin')
  const isReading = READING.includes(request.method)
  if (origin !== undefined && (isReading ? rights.mayRead(origin) : rights.mayWrite(origin))) return
  const setting = isReading ? 'http.cors.origins' : 'http.cors.writers'
  throw denied(`pages of this origin may not do this here; ${setting} names those that may`, origin)
}

const denied = (message: string, origin?: string): RegistryError =>
  new RegistryError('DENIED', message, origin === undefined ? {} : { detail: { origin } })

/** Browsers tell where a request comes from, unless its URL is one of plain HTTP to another machine. */
function isForeign(request: RegistryRequest): boolean {
  const site = request.header('sec-fetch-site')
  const origin = request.header('origin')
  if (site === 'same-origin') return false
  if (origin !== undefined) return site !== undefined || !request.isOwn(origin)
  return site === undefined ? isSilentPage(request) : site !== 'none'
}

/**
 * A browser that says nothing of the page: it may be any, which can leave out `Referer` but not what browsers send with
 * everything. So of a browser's requests by plain HTTP only those pass that come from a page of our own.
 */
function isSilentPage(request: RegistryRequest): boolean {
  const isBrowser =
    request.header('accept-language') !== undefined && /^Mozilla\//.test(request.header('user-agent') ?? '')
  if (!isBrowser) return false
  const referrer = URL.parse(request.header('referer') ?? '')
  return referrer === null || !request.isOwn(referrer.origin)
}
