/**
 * Headers that keep browsers from executing a response. Anybody who may push decides its bytes, and it has the origin of
 * the page, so no browser may take it for a script, a style or a document, wherever it is opened or embedded.
 */
import type { RegistryResponse } from './message.ts'

export const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const

export const withSecurityHeaders = <Response extends Pick<RegistryResponse, 'headers'>>(
  response: Response,
): Response => ({
  ...response,
  headers: { ...SECURITY_HEADERS, ...response.headers },
})

/** Values of `Sec-Fetch-Dest` that execute nothing: data, downloads, and what is only seen or heard. */
const USES = new Set(['', 'empty', 'document', 'image', 'audio', 'video'])

/** Whether a browser would execute the response, or make it a part of a page. */
export const wouldExecute = (destination: string | undefined): boolean =>
  destination !== undefined && !USES.has(destination)
