/**
 * The page itself, kept for the time without a network: its files come from Workbox's precache, and every address that
 * only the page knows is answered with its start.
 */
import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  matchPrecache,
  type PrecacheEntry,
  precacheAndRoute,
} from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'

/** Addresses that the registry answers, pages of others under `apps/`, or nobody. */
const NOT_OF_THE_PAGE = [/^\/(?:v2|flotilla|apps)(?:\/|$)/]

export function serveShell(files: readonly (PrecacheEntry | string)[]): void {
  precacheAndRoute([...files])
  cleanupOutdatedCaches()
  registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: NOT_OF_THE_PAGE }))
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
