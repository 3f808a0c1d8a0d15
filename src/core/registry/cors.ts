/**
 * Which web pages of other origins may call the registry (the Fetch standard's CORS protocol). None, unless the
 * configuration names them: a registry on a developer's machine must not obey any page that he happens to visit.
 */
import { RegistryError } from '../oci/error.ts'
import type { RegistryRequest } from './http.ts'

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

/**
 * Headers that let the calling page read the response; none where it may not. Browsers cache blobs for long, so
 * a response that depends on the origin says so even to those that send none.
 */
export function corsHeaders(request: RegistryRequest, allowed: readonly string[]): Record<string, string> {
  if (allowed.length === 0) return {}
  if (allowed.includes('*')) return readableBy('*')
  const origin = request.header('origin')
  const readable = origin !== undefined && allowed.includes(origin) ? readableBy(origin) : {}
  return { ...readable, Vary: 'Origin' }
}

const readableBy = (origin: string): Record<string, string> => ({
  'Access-Control-Allow-Origin': origin,
  'Access-Control-Expose-Headers': EXPOSED,
})

/** Answers the question that a browser asks before an unusual request. */
export function preflightHeaders(request: RegistryRequest, methods: string): Record<string, string> {
  const asked = request.header('access-control-request-headers')
  return {
    'Access-Control-Allow-Methods': methods,
    ...(asked && { 'Access-Control-Allow-Headers': asked }),
    ...(request.header('access-control-request-private-network') && {
      'Access-Control-Allow-Private-Network': 'true',
    }),
    'Access-Control-Max-Age': '86400',
  }
}

/**
 * Browsers send some requests across origins without asking first, such as a POST of plain text.
 *
 * @throws RegistryError DENIED for one that would change something
 */
export function refuseForgery(request: RegistryRequest, allowed: readonly string[]): void {
  const origin = request.header('origin')
  if (origin === undefined || ['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return
  const isOwn = origin.split('://')[1] === request.origin.split('://')[1]
  if (isOwn || isAllowed(origin, allowed)) return
  throw new RegistryError('DENIED', 'pages of this origin may not change anything here', {
    detail: { origin },
  })
}

const isAllowed = (origin: string, allowed: readonly string[]): boolean =>
  allowed.includes('*') || allowed.includes(origin)
