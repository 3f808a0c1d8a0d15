/**
 * The route table of everything under `/flotilla/`, on servers and in the service workers of browsers: every path, and who
 * may call it. What each method does is in `operations.ts`, separate because only documents and types need it, and no
 * bundle. Platforms bind handlers to the rows (`api.ts`).
 */

/**
 * Who may call a route. `anyone`: peers and clients, and web pages of the origins that `http.cors` names. `page`: pages
 * of the registry's own origin, and programs. `owner`: on a server programs on the same machine that have the token; in
 * a browser pages of the registry's own origin.
 */
export type Audience = 'anyone' | 'page' | 'owner'

export interface ApiRoute {
  /** On a server, all but the owner's routes lie below `http.prefix`. */
  readonly path: string
  readonly audience: Audience
  /** Browsers may open it as a link, without headers that say which page does. The service worker checks those itself. */
  readonly isLink?: boolean
}

export const API_ROUTES = {
  storage: { path: '/flotilla/storage', audience: 'owner' },
  images: { path: '/flotilla/images', audience: 'owner' },
  removal: { path: '/flotilla/freed', audience: 'owner' },
  deletions: { path: '/flotilla/deletions/{name}/{reference}', audience: 'owner' },
  blobs: { path: '/flotilla/blobs', audience: 'owner' },
  blob: { path: '/flotilla/blobs/{digest}', audience: 'owner' },
  kept: { path: '/flotilla/kept/{name}/{digest}', audience: 'owner' },
  evict: { path: '/flotilla/evict', audience: 'owner' },
  peers: { path: '/flotilla/peers', audience: 'owner' },
  peerRepositories: { path: '/flotilla/peers/{id}/repositories', audience: 'owner' },
  peerTags: { path: '/flotilla/peers/{id}/tags', audience: 'owner' },
  archive: { path: '/flotilla/archive/{name}/{reference}', audience: 'owner', isLink: true },
  settings: { path: '/flotilla/settings', audience: 'owner' },
  client: { path: '/flotilla/whoami', audience: 'owner' },
  pageAddress: { path: '/flotilla/page-address', audience: 'page' },
  localPeer: { path: '/flotilla/peer', audience: 'anyone' },
  request: { path: '/flotilla/ask', audience: 'anyone' },
} as const satisfies Record<string, ApiRoute>

export type RouteName = keyof typeof API_ROUTES
