/**
 * What keeps the registry from running in this browser. Looked for before anything is opened, so that one page can name
 * it in place of many errors; `frame/no-registry.tsx` has the words.
 */
export type Obstacle =
  /** The page came by plain HTTP from another machine. */
  | { readonly kind: 'insecure' }
  /** Parts of the browser that are not there. */
  | { readonly kind: 'old'; readonly lacks: readonly string[] }
  /** Hidden: in some private windows, or by a setting. */
  | { readonly kind: 'no-worker' }
  | { readonly kind: 'no-storage'; readonly reason: string }
  /** The browser did not take the worker's script for a reason of security. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The worker's script did not come, or did not run. */
  | { readonly kind: 'not-started'; readonly reason: string }

/** What the code relies on, by the names that documentation has for it. */
const FEATURES: Readonly<Record<string, () => unknown>> = {
  'Promise.withResolvers': () => 'withResolvers' in Promise,
  'AbortSignal.any': () => 'any' in AbortSignal,
  'URL.parse': () => 'parse' in URL,
  'Map.groupBy': () => 'groupBy' in Map,
  'Web Locks': () => navigator.locks,
  BroadcastChannel: () => 'BroadcastChannel' in globalThis,
  WebAssembly: () => 'WebAssembly' in globalThis,
  IndexedDB: () => 'indexedDB' in globalThis,
  'StorageManager.estimate': () => navigator.storage?.estimate,
}

/** What can be told at once, without the worker. */
export function findObstacle(): Obstacle | undefined {
  if (!isSecureContext) return { kind: 'insecure' }
  if (!navigator.serviceWorker) return { kind: 'no-worker' }
  const lacks = Object.keys(FEATURES).filter((name) => !FEATURES[name]!())
  if (lacks.length > 0) return { kind: 'old', lacks }
  return undefined
}

/** Tries the least that the worker can do with: some private windows tell by nothing else. */
export async function tryStorage(): Promise<Obstacle | undefined> {
  try {
    await indexedDB.databases()
    return undefined
  } catch (error) {
    if (error instanceof DOMException && error.name === 'QuotaExceededError') return undefined // the views tell
    return { kind: 'no-storage', reason: String(error) }
  }
}

/** Why the browser did not register the worker. @see https://w3c.github.io/ServiceWorker/#navigator-service-worker-register */
export const obstacleOf = (error: unknown): Obstacle => ({
  kind: error instanceof DOMException && error.name === 'SecurityError' ? 'refused' : 'not-started',
  reason: error instanceof Error ? error.message : String(error),
})

/** What the answer of a worker without storage says, though the page seems to have one. */
export async function obstacleIn(response: Response): Promise<Obstacle | undefined> {
  if (response.status !== 503) return undefined
  const { errors } = await response
    .clone()
    .json()
    .catch(() => ({}))
  const detail = errors?.[0]?.detail
  return detail?.reason === 'no-storage' ? { kind: 'no-storage', reason: String(detail.cause) } : undefined
}
