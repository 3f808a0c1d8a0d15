/**
 * The doorway of the service worker: requests of pages to `/v2/` and `/flotilla/`, as the registry sees them. The
 * registry is opened by the first one.
 */
import type { Content } from '../../core/blobs/ports.ts'
import { failureResponse } from '../../core/http/failure.ts'
import { type BlobOf, createFetch } from '../../core/http/fetch.ts'
import { inert, wouldRun } from '../../core/http/inert.ts'
import type { BodyPart, Handler, RegistryResponse } from '../../core/http/message.ts'
import type { Log } from '../../core/log.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { whoAmI } from '../swarm/routes.ts'
import type { Exclusive, Hold } from './exclusive.ts'
import { isForwarded } from './forward.ts'
import type { AnswerWith } from './handed-over.ts'
import type { LocalRegistry } from './local-registry.ts'
import { untilRead } from './until-read.ts'
import { LONGEST_EVENT } from './updates.ts'

export interface FetchHandlerDeps {
  readonly store: Exclusive<LocalRegistry>
  readonly blobOf: BlobOf
  readonly log: Log
}

export interface FetchHandler {
  /** Opens the registry where a page is opened, which will ask it: its files are read meanwhile. */
  readonly awaken: (event: Asked) => void
  /** The answer to what is the registry's, and `undefined` for what is not. */
  readonly answer: (event: Asked) => Promise<Response> | undefined
  /** To a request of a page whose body comes beside it. */
  readonly answerWith: AnswerWith
}

type Asked = Pick<FetchEvent, 'request' | 'clientId' | 'waitUntil'>

const REGISTRY_PATH = /^\/(?:v2|flotilla)(?:\/|$)/

/** Files of the page, which must work when the registry does not. */
const RESET_PATH = /^\/flotilla\/reset/

export function createFetchHandler({ store, blobOf, log }: FetchHandlerDeps): FetchHandler {
  /** @param lasting - makes a hold that the browser minds too */
  const registryFor =
    (lasting: (hold: Hold) => Hold): Handler =>
    (request) =>
      store
        .run(async ({ answer }, hold) => keptOpen(await answer(request), lasting(hold), blobOf))
        .catch((error) => failureResponse(error, request, log))
  const fetchFrom = (answer: Handler) =>
    createFetch(async (request) => inert(await answer(request)), { blobOf })
  const forward = (request: Request): Promise<Response> =>
    store
      .run(({ forward }) => forward(request))
      .catch((error) => fetchFrom(async (asked) => failureResponse(error, asked, log))(request))

  return {
    awaken(event) {
      if (opensPage(event.request)) event.waitUntil(store.run(async () => {}).catch(() => {})) // who asks is told why
    },
    answer(event) {
      const { request, clientId } = event
      const url = new URL(request.url)
      if (!isOurs(url)) return undefined
      const problem = problemOf(request)
      if (problem) return fetchFrom(async (asked) => failureResponse(problem, asked, log))(request)
      if (url.pathname === '/flotilla/whoami') return fetchFrom(async () => whoAmI(clientId))(request)
      if (isForwarded(url)) return forward(request)
      return fetchFrom(registryFor(lastingAs(event)))(request)
    },
    answerWith: (request, body) =>
      fetchFrom((asked) => registryFor((hold) => hold)({ ...asked, body }))(request),
  }
}

/** A page's requests to other origins come by here too. */
const isOurs = ({ origin, pathname }: URL): boolean =>
  origin === location.origin && REGISTRY_PATH.test(pathname) && !RESET_PATH.test(pathname)

/** Other than the page that resets everything, which must find nothing open. */
function opensPage({ mode, url }: Request): boolean {
  const { pathname } = new URL(url)
  return mode === 'navigate' && !REGISTRY_PATH.test(pathname)
}

/**
 * What would run bytes that somebody pushed, and what any other site can send here: it may lead a browser to any address,
 * by a form or a link, and the worker is told no more of it than `Referer`, which pages of this origin send.
 */
function problemOf({ mode, method, destination, referrer }: Request): RegistryError | undefined {
  if (wouldRun(destination)) return denied('what is kept here is no part of a page')
  if (mode !== 'navigate') return undefined
  if (method !== 'GET' && method !== 'HEAD') return denied('forms may not change anything here')
  const isOwn = URL.parse(referrer)?.origin === location.origin
  return isOwn ? undefined : denied('only links of the page lead here')
}

const denied = (message: string): RegistryError => new RegistryError('DENIED', message)

/** What arrives while it is sent needs the registry to the end; a file does not. */
function keptOpen(response: RegistryResponse, hold: Hold, blobOf: BlobOf): RegistryResponse {
  const held = (part: BodyPart): BodyPart =>
    part instanceof Uint8Array || blobOf(part.content)
      ? part
      : { range: part.range, content: heldContent(part.content, hold) }
  return response.body ? { ...response, body: response.body.map(held) } : response
}

/**
 * Firefox stops a worker after half a minute, also while its answer is read, which then seems to have come to its end.
 * Others mind who reads, and stop a worker whose event lasts too long.
 */
const lastingAs =
  (event: Asked) =>
  (hold: Hold): Hold =>
  () => {
    const release = hold()
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, LONGEST_EVENT)
    try {
      event.waitUntil(promise)
    } catch {} // a further part of an answer, which came when the event had ended
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
