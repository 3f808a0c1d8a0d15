/**
 * What keeps the registry from running in this browser. It is checked before anything is opened, so that one page can
 * explain it instead of many errors; `app/no-registry.tsx` has the texts.
 */
export type StartupProblem =
  /** The page came by plain HTTP from another machine. */
  | { readonly kind: 'insecure' }
  /** The browser lacks these features. */
  | { readonly kind: 'old'; readonly lacks: readonly string[] }
  /** Service workers are disabled: in some private windows, or by a setting. */
  | { readonly kind: 'no-worker' }
  | { readonly kind: 'no-storage'; readonly reason: string }
  /** The browser rejected the worker's script for a security reason. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The worker's script could not be loaded, or did not run. */
  | { readonly kind: 'not-started'; readonly reason: string }

/** Features that the code relies on, by their names in the documentation. */
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

/** What is known at once, without the worker. */
export function checkBrowser(): StartupProblem | undefined {
  if (!isSecureContext) return { kind: 'insecure' }
  if (!navigator.serviceWorker) return { kind: 'no-worker' }
  const lacks = Object.keys(FEATURES).filter((name) => !FEATURES[name]!())
  if (lacks.length > 0) return { kind: 'old', lacks }
  return undefined
}

/** Opens IndexedDB, which the worker needs at least: some private windows only fail when it is used. */
export async function checkStorage(): Promise<StartupProblem | undefined> {
  try {
    await indexedDB.databases()
    return undefined
  } catch (error) {
    if (error instanceof DOMException && error.name === 'QuotaExceededError') return undefined // the views say so
    return { kind: 'no-storage', reason: String(error) }
  }
}

/** Why the browser did not register the service worker. @see https://w3c.github.io/ServiceWorker/#navigator-service-worker-register */
export const problemOfRegistration = (error: unknown): StartupProblem => ({
  kind: error instanceof DOMException && error.name === 'SecurityError' ? 'refused' : 'not-started',
  reason: error instanceof Error ? error.message : String(error),
})

/** The problem in a response of a worker that has no storage, although the page seems to have some. */
export async function problemIn(response: Response): Promise<StartupProblem | undefined> {
  if (response.status !== 503) return undefined
  const { errors } = await response
    .clone()
    .json()
    .catch(() => ({}))
  const detail = errors?.[0]?.detail
  return detail?.reason === 'no-storage' ? { kind: 'no-storage', reason: String(detail.cause) } : undefined
}
