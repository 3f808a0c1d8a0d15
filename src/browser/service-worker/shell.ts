/**
 * Serves the page itself without a network: its files come from Workbox's precache, and every address that only the page
 * knows gets its start page.
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

/** Paths of the registry, and of other people's pages under `apps/`. */
const NOT_OF_THE_PAGE = [/^\/(?:v2|flotilla|apps)(?:\/|$)/]

/** As `node/page/headers.ts` sends them. A file may have been precached before the server began to. */
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
 * Reads a file that the build put beside the worker. A worker's own requests don't pass through its `fetch` event, so
 * without a network only the precache has the file.
 */
export async function readShellFile(url: string): Promise<Response> {
  const response = (await matchPrecache(url)) ?? (await fetch(url))
  if (!response.ok) throw new Error(`the file ${url} could not be loaded: status ${response.status}`)
  return response
}
