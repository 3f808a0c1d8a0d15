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

/** What a page needs for `SharedArrayBuffer`. The worker sends it with what it has kept. */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

export interface HeaderOptions {
  /** The path that a service worker may answer for. */
  readonly scope: string
  readonly isIsolated: boolean
}

/** Of a file, by its path in the page. */
export const headersOf = (path: string, { scope, isIsolated }: HeaderOptions): Record<string, string> => ({
  ...COMMON,
  ...(isIsolated && ISOLATION),
  'Cache-Control': HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
  ...(path.endsWith('.js') && { 'Service-Worker-Allowed': scope }),
})
