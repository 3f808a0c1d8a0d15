/**
 * A client of the registry that is pushed to. What the browser says of a registry that it cannot ask is one word for
 * everything; here it is found out whether nobody answers, or pages are not let in.
 */
import { type Client, createClient } from '../../../core/client/client.ts'
import type { Fetch } from '../../../core/client/transport.ts'
import { RegistryError } from '../../../core/oci/error.ts'
import { clientOfPeer } from '../requests/request.ts'
import type { Target } from './target.ts'

export const clientOf = (target: Target): Client =>
  target.is === 'peer'
    ? clientOfPeer(target.id)
    : createClient({ base: target.url, fetch: createDirectFetch(target.url) })

/** A request without what would need leave, with the reason where it fails. @throws RegistryError */
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

/** Not `UNAVAILABLE` of the registry in this browser, which has a cause. */
const unavailable = (message: string, error: unknown): RegistryError =>
  new RegistryError('UNAVAILABLE', message, { detail: String(error) })

/** A page may ask whether anybody is there, though not read what is said; some keep even that of their API from it. */
const answers = (url: string, signal: AbortSignal): Promise<boolean> =>
  Promise.any(
    [`${url}/v2/`, url].map((url) => fetch(url, { mode: 'no-cors', credentials: 'omit', signal })),
  ).then(
    () => true,
    () => false,
  )
