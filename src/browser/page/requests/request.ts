/** Requests to the registry in this browser, which wait until it is ready. Failures are `RegistryError`s. */
import { createClient } from '../../../core/client/client.ts'
import { createTransport, type Fetch, type HandOver } from '../../../core/client/transport.ts'
import { QUIET_STATUS } from '../../worker-messages.ts'
import { checkResponse, ready } from '../registry.ts'
import { handOver } from './hand-over.ts'

export type { AbortOptions } from '../../../core/async/abortable.ts'

let resolveFirstResponse!: () => void

/** Resolves with the first response. Whatever is not visible at once waits for it, so that the view comes first. */
export const firstResponse = new Promise<void>((resolve) => {
  resolveFirstResponse = resolve // not `withResolvers`: this runs in old browsers, which get a page that says so
})

const send: Fetch = async (request) => {
  await ready()
  return checkResponse(await fetch(request).finally(resolveFirstResponse))
}

const handOverWhenReady: HandOver = async (...sent) => {
  await ready()
  return handOver(...sent)
}

/** A client of `/v2/`. */
export const client = createClient({ fetch: send, handOver: handOverWhenReady })

/** `request` throws for everything but success; `find` returns `undefined` for 404. */
export const { request, find } = createTransport(send, '')

export const requestJson = async <T>(...parameters: Parameters<typeof request>): Promise<T> =>
  (await request(...parameters)).json()

/** A client of an HTTP peer's `/v2/`: the service worker forwards requests below this path. */
export const peerClient = (id: string) =>
  createClient({ fetch: quietly(send), base: `/flotilla/peers/${id}` })

export const { find: requestFromPeer } = createTransport(quietly(send), '')

/** Asks for the status in a header, because browsers log each 404 of a peer to the console. */
function quietly(fetch: Fetch): Fetch {
  return async (request) => {
    request.headers.set(QUIET_STATUS, '')
    const response = await fetch(request)
    const status = response.headers.get(QUIET_STATUS)
    return status === null
      ? response
      : new Response(response.body, { status: Number(status), headers: response.headers })
  }
}

/**
 * A client for previews: what is not stored here comes from peers without being stored.
 *
 * @param onResponse - called with every response
 */
export const createPreviewClient = (onResponse?: (response: Response) => void) =>
  createClient({ fetch: preview(onResponse) })

export const previewTransport = createTransport(preview(), '')

function preview(onResponse: (response: Response) => void = () => {}): Fetch {
  return async (request) => {
    request.headers.set('Cache-Control', 'no-store')
    const response = await send(request)
    onResponse(response)
    return response
  }
}
