/**
 * The headers of the page's files: its Content Security Policy, and how long browsers keep each file. The build puts the
 * policy in a `<meta>` of the page, too, so that it applies on any static host. The build imports this file, so it imports
 * nothing.
 */

/**
 * The page runs its own scripts and WebAssembly, shows images that it has made, and connects to peers anywhere. The only
 * script URL that it uses as text is its service worker's, by the Trusted Types policy `flotilla`.
 */
const DIRECTIVES = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "manifest-src 'self'",
  "connect-src 'self' http: https: ws: wss:",
  "base-uri 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
  'trusted-types flotilla',
]

/** Browsers ignore `frame-ancestors` in a `<meta>`; a static host has to send it itself. */
export const META_POLICY = DIRECTIVES.join('; ')

export const HEADER_POLICY = [...DIRECTIVES, "frame-ancestors 'none'"].join('; ')

const COMMON = {
  'Content-Security-Policy': HEADER_POLICY,
  // Not to other sites; but by it the service worker distinguishes links in the page from links on other sites.
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
}

/** Vite puts a hash of the content in these names. */
const HASHED = /^\/assets\//

/** Required for `SharedArrayBuffer`. The service worker sends these with the files that it has cached. */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

export interface HeaderOptions {
  /** The path that the service worker may control. */
  readonly scope: string
  readonly isIsolated: boolean
}

/** @param path - of a file in the page */
export const headersOf = (path: string, { scope, isIsolated }: HeaderOptions): Record<string, string> => ({
  ...COMMON,
  ...(isIsolated && ISOLATION),
  'Cache-Control': HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
  ...(path.endsWith('.js') && { 'Service-Worker-Allowed': scope }),
})
