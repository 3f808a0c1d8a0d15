/**
 * The page's Content Security Policy, for the header that this registry sends and for the `<meta>` that the build writes
 * into the page, so that it holds on any static host. The build reads this, so nothing is imported here.
 */

/**
 * The page runs scripts and WebAssembly of its own, shows images it has made, and calls peers wherever they are. The only
 * script that it names in a text is its service worker, by the policy `flotilla` of Trusted Types.
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

/** Browsers pass over `frame-ancestors` in a `<meta>`: a static host has to send that by itself. */
export const META_POLICY = DIRECTIVES.join('; ')

export const HEADER_POLICY = [...DIRECTIVES, "frame-ancestors 'none'"].join('; ')
