/** What a browser answers besides `/v2/`, as one with it. */

import { failureResponse } from '../../core/http/failure.ts'
import type { Handler, RegistryRequest, RegistryResponse } from '../../core/http/message.ts'
import type { Log } from '../../core/log.ts'
import { RegistryError } from '../../core/oci/error.ts'

/** `undefined` for a path of others. */
export type OwnRoute = (request: RegistryRequest) => Promise<RegistryResponse | undefined>

export function ownRoutes(routes: readonly OwnRoute[], registry: Handler, log: Log): Handler {
  return async (request) => {
    if (!request.target.startsWith('/flotilla')) return registry(request)
    for (const answer of routes) {
      const response = await answer(request)
      if (response) return response
    }
    const unknown = new RegistryError('UNSUPPORTED', 'there is no such path', { status: 404 })
    return failureResponse(unknown, request, log)
  }
}
