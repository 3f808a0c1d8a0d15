/** Questions to a peer's registry about what it may not have, without a line in the browser's console for each. */
import type { Fetch } from '../../../core/client/transport.ts'
import { QUIET_STATUS } from '../../worker-messages.ts'

/** @param fetch - of paths that the worker sends on to a peer */
export const quietly =
  (fetch: Fetch): Fetch =>
  async (request) => {
    request.headers.set(QUIET_STATUS, '')
    const response = await fetch(request)
    const status = response.headers.get(QUIET_STATUS)
    return status === null
      ? response
      : new Response(response.body, { status: Number(status), headers: response.headers })
  }
