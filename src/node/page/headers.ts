/** What browsers are told of the files of the page: how long to keep them, and what the page may do. */

/** The page runs scripts and WebAssembly of its own, shows images it has made, and calls peers wherever they are. */
const POLICY = [
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
  "frame-ancestors 'none'",
].join('; ')

const COMMON = {
  'Content-Security-Policy': POLICY,
  'Referrer-Policy': 'no-referrer',
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
