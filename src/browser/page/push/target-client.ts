/**
 * A client of the registry that is pushed to. Browsers report every failed cross-origin request alike, so this finds out
 * whether the registry is unreachable or does not allow the page (CORS).
 */
import { type Client, createClient } from '../../../core/client/client.ts'
import type { Fetch } from '../../../core/client/transport.ts'
import { RegistryError } from '../../../core/oci/error.ts'
import { peerClient } from '../requests/request.ts'
import type { Target } from './target.ts'

export const targetClient = (target: Target): Client =>
  target.is === 'peer'
    ? peerClient(target.id)
    : createClient({ base: target.url, fetch: createDirectFetch(target.url) })

/** Sends no header that needs the registry's permission, and explains failures. @throws RegistryError */
function createDirectFetch(url: string): Fetch {
  const { host } = new URL(url)
  return async (request) => {
    request.headers.delete('Cache-Control')
    const response = await fetch(request).catch((error) => explain(error, url, request.signal))
    if (response.status === 401)
      throw new RegistryError(
        'UNAUTHORIZED',
        `the registry at ${host} wants a log-in, which this page cannot do`,
      )
    if (request.method === 'POST' && response.ok && !response.headers.has('Location'))
      throw new RegistryError(
        'UNSUPPORTED',
        `the registry at ${host} hides from pages where an upload goes on: its CORS settings have to expose Location`,
      )
    return response
  }
}

async function explain(error: unknown, url: string, signal: AbortSignal): Promise<never> {
  signal.throwIfAborted()
  const { host, protocol } = new URL(url)
  if (!navigator.onLine)
    throw unavailable(`the registry at ${host} cannot be reached: this browser is offline`, error)
  if (await answers(url, signal))
    throw new RegistryError(
      'DENIED',
      `the registry at ${host} does not let pages of ${location.origin} push to it. On a Flotilla registry, http.cors.writers has to name ${location.origin}; on others, their settings for CORS`,
      { cause: error },
    )
  if (protocol === 'http:' && location.protocol === 'https:')
    throw unavailable(
      `the registry at ${host} cannot be asked: a page that came by HTTPS may ask registries by HTTPS only`,
      error,
    )
  throw unavailable(`no registry answers at ${host}`, error)
}

/** Without a cause, which only errors of the registry in this browser have. */
const unavailable = (message: string, error: unknown): RegistryError =>
  new RegistryError('UNAVAILABLE', message, { detail: String(error) })

/** Pages may send such requests, but not read the responses; some registries reject even those to `/v2/`. */
const answers = (url: string, signal: AbortSignal): Promise<boolean> =>
  Promise.any(
    [`${url}/v2/`, url].map((url) => fetch(url, { mode: 'no-cors', credentials: 'omit', signal })),
  ).then(
    () => true,
    () => false,
  )
