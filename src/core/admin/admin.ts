/**
 * The owner's API below `/flotilla/`: what is held here, since when and where from, and what has to stay. It is for
 * whoever the registry belongs to, so a doorway offers it to him alone; clients and peers have no use for it.
 */

import { NO_RIGHTS, refuseForeign } from '../http/cors.ts'
import { failureResponse } from '../http/failure.ts'
import { emptyResponse, type RegistryRequest, type RegistryResponse } from '../http/message.ts'
import { createRouter, type Match, methodsOf, operationOf } from '../http/route.ts'
import { RegistryError } from '../oci/error.ts'
import { AdminContext, type AdminServices } from './context.ts'
import { ADMIN_ROUTES } from './routes.ts'

/** `undefined` for a path that is not of this API. It never throws; what goes wrong is in the response. */
export type AdminApi = (request: RegistryRequest) => Promise<RegistryResponse | undefined>

const find = createRouter(ADMIN_ROUTES)

/** @param target - path and query, as in {@link RegistryRequest} */
export const isAdminPath = (target: string): boolean => find(pathOf(target)) !== undefined

const HEADERS = { 'Cache-Control': 'no-store' }

export function createAdminApi(services: AdminServices): AdminApi {
  const { config, log } = services
  const isReadOnly = config.storage.maintenance.readonly.enabled

  async function answer(request: RegistryRequest, match: Match<AdminContext>): Promise<RegistryResponse> {
    refuseForeign(request, NO_RIGHTS)
    if (request.method === 'OPTIONS') return emptyResponse(204, { Allow: methodsOf(match) })
    const operation = operationOf(request.method, match)
    if (isReadOnly && !['GET', 'HEAD'].includes(request.method))
      throw new RegistryError('UNSUPPORTED', 'this registry is read-only (storage.maintenance.readonly)')
    return operation.handle(new AdminContext(services, request, match.parameters))
  }

  return async (request) => {
    const match = find(pathOf(request.target))
    if (!match) return undefined
    const response = await answer(request, match).catch((error) => failureResponse(error, request, log))
    return { ...response, headers: { ...HEADERS, ...response.headers } }
  }
}

const pathOf = (target: string): string => target.split('?', 1)[0]!
