/**
 * The page itself, kept for the time without a network: its files come from Workbox's precache, and every address that
 * only the page knows is answered with its start.
 */
import {
  addPlugins,
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  matchPrecache,
  type PrecacheEntry,
  precacheAndRoute,
} from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'

/** Addresses that the registry answers, pages of others under `apps/`, or nobody. */
const NOT_OF_THE_PAGE = [/^\/(?:v2|flotilla|apps)(?:\/|$)/]

/** As the server sends it (`node/page/headers.ts`), which may have done so only after a file was kept. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

/** @param isIsolated - whether pages may use `SharedArrayBuffer` */
export function serveShell(files: readonly (PrecacheEntry | string)[], isIsolated: boolean): void {
  if (isIsolated) addPlugins([{ handlerWillRespond: async ({ response }) => isolated(response) }])
  precacheAndRoute([...files])
  cleanupOutdatedCaches()
  registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: NOT_OF_THE_PAGE }))
}

function isolated({ body, status, headers }: Response): Response {
  const all = new Headers(headers)
  for (const [name, value] of Object.entries(ISOLATION)) all.set(name, value)
  return new Response(body, { status, headers: all })
}

/**
 * A file that the build put beside the worker. A worker's own requests do not pass through it, so without a network
 * only the precache has them.
 */
export async function readShellFile(url: string): Promise<Response> {
  const response = (await matchPrecache(url)) ?? (await fetch(url))
  if (!response.ok) throw new Error(`${url}: ${response.status}`)
  return response
}
