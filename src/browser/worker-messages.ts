/** Messages from a page to a service worker. */

/** Tells a waiting worker to replace the active one. */
export const TAKE_OVER = 'take over'

/** Tells the active worker to control this page, which was loaded without it. */
export const TAKE_CHARGE = 'take charge'

/** Keeps the worker running, as any other message does. */
export const STAY_AWAKE = 'stay awake'

/**
 * A request with its body beside it. In some engines that takes a fraction of the time in which they carry a body from
 * `fetch` to a service worker. The worker holds the Web Lock `lock` until it has responded. The response comes by the
 * port of the message; any message on that port cancels the request.
 */
export interface HandedOver {
  readonly type: typeof HANDED_OVER
  readonly lock: string
  readonly request: Pick<Request, 'url' | 'method'> & { readonly headers: [string, string][] }
  readonly body: Blob
}

export const HANDED_OVER = 'handed over'

/** How many bytes of the body the worker has taken, starting with 0; in the end, the response. */
export type HandedBack =
  | number
  | { readonly status: number; readonly headers: [string, string][]; readonly body: ArrayBuffer }

/**
 * A header of a request to a peer's registry for which 404 is an expected result. The response then has status 200, and
 * this header with the real status, because browsers write each 404 to their console.
 */
export const QUIET_STATUS = 'Flotilla-Quiet-Status'
