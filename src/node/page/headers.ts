/** What browsers are told of the files of the page: how long to keep them, and what the page may do. */
import { HEADER_POLICY } from './policy.ts'

const COMMON = {
  'Content-Security-Policy': HEADER_POLICY,
  // To nobody else; but the service worker tells by it the page's own links from those of other sites.
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
}

/** Vite names these by their content. */
const HASHED = /^\/assets\//

/** Of a file, by its path in the page. @param scope - the path that a service worker may answer for */
export const headersOf = (path: string, scope: string): Record<string, string> => ({
  ...COMMON,
  'Cache-Control': HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
  ...(path.endsWith('.js') && { 'Service-Worker-Allowed': scope }),
})
