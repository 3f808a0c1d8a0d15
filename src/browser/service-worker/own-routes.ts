/** What a browser answers besides `/v2/`, as one with it. */
import type { Log } from '../../core/log.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { failureResponse } from '../../core/registry/failure.ts'
import type { RegistryRequest, RegistryResponse } from '../../core/registry/http.ts'
import type { Registry } from '../../core/registry/registry.ts'

/** `undefined` for a path of others. */
export type OwnRoute = (request: RegistryRequest) => Promise<RegistryResponse | undefined>

export function ownRoutes(routes: readonly OwnRoute[], registry: Registry, log: Log): Registry {
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
