/**
 * The registry: one function from a request to a response. It never throws; what goes wrong is in the response.
 */

import { corsHeaders, preflightHeaders, refuseForeign } from '../http/cors.ts'
import { failureResponse } from '../http/failure.ts'
import { INERT } from '../http/inert.ts'
import { emptyResponse, type Handler, type RegistryRequest, type RegistryResponse } from '../http/message.ts'
import { createOrigins, type PageRights } from '../http/origins.ts'
import { createRouter, type Match, methodsOf, operationOf, type Route } from '../http/route.ts'
import { withoutDeleted } from '../store/deletions.ts'
import { Context, type Services } from './context.ts'
import { ROUTES } from './routes.ts'

export function createRegistry(given: Services): Handler {
  const { config, log } = given
  // What comes from elsewhere is written here, which a registry that is read-only does not do.
  const isReadOnly = config.storage.maintenance.readonly.enabled
  const mayBring = given.remote && !isReadOnly
  const remote = mayBring ? withoutDeleted(given.remote, given.store.catalog) : undefined
  const services = { ...given, remote }
  const rights = createOrigins(config.http)
  const find = createRouter(permitted(ROUTES, config.storage))
  const common = commonHeaders(config.http.headers)

  const answer = (request: RegistryRequest, path: string): Promise<RegistryResponse> => {
    refuseForeign(request, rights)
    const match = find(path)
    if (request.method === 'OPTIONS') return Promise.resolve(describeOptions(request, rights, match))
    const operation = operationOf(request.method, match)
    return operation.handle(new Context(services, request, match!.parameters))
  }

  return async (request) => {
    const path = pathOf(request.target, config.http.prefix)
    let response: RegistryResponse
    try {
      response = await answer(request, path)
    } catch (error) {
      response = failureResponse(error, request, log)
    }
    return { ...response, headers: { ...common, ...corsHeaders(request, rights), ...response.headers } }
  }
}

/** The configuration's word is the last, in whichever case it writes a name. */
function commonHeaders(configured: Services['config']['http']['headers']): RegistryResponse['headers'] {
  const names = new Set(Object.keys(configured).map((name) => name.toLowerCase()))
  const ours = { 'Docker-Distribution-API-Version': 'registry/2.0', ...INERT }
  const left = Object.entries(ours).filter(([name]) => !names.has(name.toLowerCase()))
  return { ...Object.fromEntries(left), ...configured }
}

/** The table without the operations that the configuration forbids, which thereby answer 405 and say why. */
function permitted(
  routes: readonly Route<Context>[],
  storage: Services['config']['storage'],
): Route<Context>[] {
  return routes.map((route) => {
    const all = Object.entries(route.operations)
    const reasons = all.map(([method]) => [method, reasonAgainst(route, method, storage)] as const)
    const forbidden = Object.fromEntries(reasons.filter(([, reason]) => reason !== undefined))
    const operations = Object.fromEntries(all.filter(([method]) => forbidden[method] === undefined))
    return { ...route, operations, forbidden }
  })
}

function reasonAgainst(
  route: Route<Context>,
  method: string,
  { maintenance, delete: deletion }: Services['config']['storage'],
): string | undefined {
  if (method === 'GET') return undefined
  if (maintenance.readonly.enabled) return 'this registry is read-only (storage.maintenance.readonly)'
  if (method !== 'DELETE' || deletion.enabled || route.name === 'blob_upload_chunk') return undefined
  return 'deletion is off; storage.delete.enabled turns it on'
}

/** The path from `/v2` on; what lies outside the prefix matches no route. */
function pathOf(target: string, prefix: string): string {
  const [path] = target.split('?', 1) as [string]
  return prefix === '/' ? path : path.startsWith(prefix) ? path.slice(prefix.length - 1) : ''
}

function describeOptions(
  request: RegistryRequest,
  rights: PageRights,
  match: Match<Context> | undefined,
): RegistryResponse {
  const methods = match ? methodsOf(match) : 'GET, HEAD'
  return emptyResponse(204, { Allow: methods, ...preflightHeaders(request, rights, methods) })
}
