/**
 * The owner's API below `/flotilla/`: what is held here, since when and where from, and what has to stay. It is for
 * whoever the registry belongs to, so a doorway offers it to him alone; clients and peers have no use for it.
 */
import { RegistryError } from '../oci/error.ts'
import { NO_RIGHTS, refuseForeign } from '../registry/cors.ts'
import { failureResponse } from '../registry/failure.ts'
import { emptyResponse, type RegistryRequest, type RegistryResponse } from '../registry/http.ts'
import { createRouter, type Match, methodsOf, operationOf } from '../registry/route.ts'
import { OwnerContext, type OwnerSurroundings } from './context.ts'
import { OWNER_ROUTES } from './routes.ts'

/** `undefined` for a path that is not of this API. It never throws; what goes wrong is in the response. */
export type Owner = (request: RegistryRequest) => Promise<RegistryResponse | undefined>

const find = createRouter(OWNER_ROUTES)

/** @param target - path and query, as in {@link RegistryRequest} */
export const isOwnerPath = (target: string): boolean => find(pathOf(target)) !== undefined

const HEADERS = { 'Cache-Control': 'no-store' }

export function createOwner(surroundings: OwnerSurroundings): Owner {
  const { config, log } = surroundings
  const isReadOnly = config.storage.maintenance.readonly.enabled

  async function answer(request: RegistryRequest, match: Match<OwnerContext>): Promise<RegistryResponse> {
    refuseForeign(request, NO_RIGHTS)
    if (request.method === 'OPTIONS') return emptyResponse(204, { Allow: methodsOf(match) })
    const operation = operationOf(request.method, match)
    if (isReadOnly && !['GET', 'HEAD'].includes(request.method))
      throw new RegistryError('UNSUPPORTED', 'this registry is read-only (storage.maintenance.readonly)')
    return operation.handle(new OwnerContext(surroundings, request, match.parameters))
  }

  return async (request) => {
    const match = find(pathOf(request.target))
    if (!match) return undefined
    const response = await answer(request, match).catch((error) => failureResponse(error, request, log))
    return { ...response, headers: { ...HEADERS, ...response.headers } }
  }
}

const pathOf = (target: string): string => target.split('?', 1)[0]!
