/**
 * Adapts the service worker's `fetch` events for `/v2/` and `/flotilla/` to the registry, which the first of them opens.
 */
import { createApi } from '../../core/api/api.ts'
import { API_ROUTES } from '../../core/api/routes.ts'
import type { Content } from '../../core/blobs/ports.ts'
import { failureResponse } from '../../core/http/failure.ts'
import { type BlobOf, createFetch } from '../../core/http/fetch.ts'
import type { BodyPart, Handler, RegistryResponse } from '../../core/http/message.ts'
import { withSecurityHeaders, wouldExecute } from '../../core/http/security-headers.ts'
import type { Log } from '../../core/log.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { createClientRoute } from '../swarm/routes.ts'
import type { Exclusive, Hold } from './exclusive.ts'
import { isForwarded } from './forward.ts'
import type { HandleWithBody } from './handed-over.ts'
import type { LocalRegistry } from './local-registry.ts'
import { MAX_EVENT_MS } from './updates.ts'

export interface FetchHandlerDeps {
  readonly store: Exclusive<LocalRegistry>
  readonly blobOf: BlobOf
  readonly log: Log
}

export interface FetchHandler {
  /** Opens the registry when a page is opened, so that it is ready by the time the page has loaded its files. */
  readonly openEarly: (event: RegistryEvent) => void
  /** Returns `undefined` if the request is not for the registry. */
  readonly handle: (event: RegistryEvent) => Promise<Response> | undefined
  /** For a request whose body the page sends beside it. */
  readonly handleWithBody: HandleWithBody
}

type RegistryEvent = Pick<FetchEvent, 'request' | 'clientId' | 'waitUntil'>

const REGISTRY_PATH = /^\/(?:v2|flotilla)(?:\/|$)/

/** Files of the page that must work even if the registry does not. */
const RESET_PATH = /^\/flotilla\/reset/

export function createFetchHandler({ store, blobOf, log }: FetchHandlerDeps): FetchHandler {
  /** @param extend - makes a hold that also keeps the browser from stopping the worker */
  const registryFor =
    (extend: (hold: Hold) => Hold): Handler =>
    (request) =>
      store
        .run(async ({ handle }, hold) => keepOpen(await handle(request), extend(hold), blobOf))
        .catch((error) => failureResponse(error, request, log))
  const fetchFrom = (handle: Handler) =>
    createFetch(async (request) => withSecurityHeaders(await handle(request)), { blobOf })
  const fail = (error: unknown) => fetchFrom(async (request) => failureResponse(error, request, log))
  const forward = (request: Request): Promise<Response> =>
    store.run(({ forward }) => forward(request)).catch((error) => fail(error)(request))

  /** The only route that needs no open registry. */
  const tellClient = (clientId: string): Handler => {
    const api = createApi(createClientRoute(clientId), { log })
    return (request) => api.answer(request, api.find(request.target))
  }

  return {
    openEarly(event) {
      if (opensPage(event.request)) event.waitUntil(store.run(async () => {}).catch(() => {})) // the first request reports it
    },
    handle(event) {
      const { request, clientId } = event
      const url = new URL(request.url)
      if (!isOurs(url)) return undefined
      const problem = problemOf(request)
      if (problem) return fail(problem)(request)
      if (url.pathname === API_ROUTES.client.path) return fetchFrom(tellClient(clientId))(request)
      if (isForwarded(url)) return forward(request)
      return fetchFrom(registryFor(lastingAsLongAs(event)))(request)
    },
    handleWithBody: (request, body) =>
      fetchFrom((bodiless) => registryFor((hold) => hold)({ ...bodiless, body }))(request),
  }
}

/** A page's requests to other origins raise `fetch` events, too. */
const isOurs = ({ origin, pathname }: URL): boolean =>
  origin === location.origin && REGISTRY_PATH.test(pathname) && !RESET_PATH.test(pathname)

/** Except for the page that resets everything, which must find nothing open. */
function opensPage({ mode, url }: Request): boolean {
  const { pathname } = new URL(url)
  return mode === 'navigate' && !REGISTRY_PATH.test(pathname)
}

/**
 * Refuses requests that would run pushed bytes as part of a page, and navigations that other sites start. Any site can
 * send a browser to any address by a form or a link. The worker can only tell them apart by `Referer`, which pages of
 * this origin send.
 */
function problemOf({ mode, method, destination, referrer }: Request): RegistryError | undefined {
  if (wouldExecute(destination)) return denied('content of the registry may not be part of a page')
  if (mode !== 'navigate') return undefined
  if (method !== 'GET' && method !== 'HEAD') return denied('forms may not send requests to the registry')
  const isOwn = URL.parse(referrer)?.origin === location.origin
  return isOwn ? undefined : denied('only links of this origin may open this address')
}

const denied = (message: string): RegistryError => new RegistryError('DENIED', message)

/** A body that is streamed needs an open registry to its end; one in a file does not. */
function keepOpen(response: RegistryResponse, hold: Hold, blobOf: BlobOf): RegistryResponse {
  const held = (part: BodyPart): BodyPart =>
    part instanceof Uint8Array || blobOf(part.content)
      ? part
      : { range: part.range, content: heldContent(part.content, hold) }
  return response.body ? { ...response, body: response.body.map(held) } : response
}

/**
 * Keeps the event alive while its response is read. Firefox otherwise stops the worker after half a minute, and the page
 * takes the cut response for a complete one. Other browsers wait for readers, but stop a worker whose event lasts for
 * too long, so this ends after {@link MAX_EVENT_MS}.
 */
const lastingAsLongAs =
  (event: RegistryEvent) =>
  (hold: Hold): Hold =>
  () => {
    const release = hold()
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, MAX_EVENT_MS)
    try {
      event.waitUntil(promise)
    } catch {} // a later part of the response: its event has already ended
    return () => {
      clearTimeout(timer)
      resolve()
      release()
    }
  }

const heldContent = (content: Content, hold: Hold): Content => ({
  size: content.size,
  stream: (range) => untilRead(content.stream(range), hold()),
})

/** Calls `onEnd` once the stream has been read, has failed, or has been cancelled. */
function untilRead(source: ReadableStream<Uint8Array>, onEnd: () => void): ReadableStream<Uint8Array> {
  const reader = source.getReader()
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await reader.read()
        if (!done) return controller.enqueue(value)
        controller.close()
      } catch (error) {
        controller.error(error)
      }
      onEnd()
    },
    async cancel(reason) {
      onEnd()
      await reader.cancel(reason)
    },
  })
}
