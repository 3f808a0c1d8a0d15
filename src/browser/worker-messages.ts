/** What a page tells a service worker. */

/** To one that waits: replace the one in charge. */
export const TAKE_OVER = 'take over'

/** To the one in charge: of this page too, which was loaded past it. */
export const TAKE_CHARGE = 'take charge'

/** Any other message only keeps the worker awake. */
export const STAY_AWAKE = 'stay awake'

/**
 * A request whose body is handed over beside it, unread: in some engines that takes a fraction of the time in which they
 * carry a body from `fetch` to a service worker. Who answers holds the Web Lock `lock` until it has; the answer comes by
 * the port of the message, on which any message says that it is no longer wanted.
 */
export interface HandedOver {
  readonly type: typeof HANDED_OVER
  readonly lock: string
  readonly request: Pick<Request, 'url' | 'method'> & { readonly headers: [string, string][] }
  readonly body: Blob
}

export const HANDED_OVER = 'handed over'

/** How many bytes of the body have been taken, first none; in the end the answer. */
export type HandedBack =
  | number
  | { readonly status: number; readonly headers: [string, string][]; readonly body: ArrayBuffer }

/**
 * A header of a request to a peer's registry: what is not there is no failure, since a browser writes each 404 into its
 * console. The answer has status 200 then, and this header with the true one.
 */
export const QUIET_STATUS = 'Flotilla-Quiet-Status'
