/** The registry: one function from a request to a response. It never rejects: errors are in the response. */

import { corsHeaders, preflightHeaders, refuseCrossOrigin } from '../http/cors.ts'
import { failureResponse } from '../http/failure.ts'
import { emptyResponse, type Handler, type RegistryRequest, type RegistryResponse } from '../http/message.ts'
import { type CorsPolicy, createOrigins } from '../http/origins.ts'
import { createRouter, type Match, methodsOf, operationOf, type Route } from '../http/route.ts'
import { SECURITY_HEADERS } from '../http/security-headers.ts'
import { withoutDeleted } from '../store/remote.ts'
import { Context, type Services } from './context.ts'
import { ROUTES } from './routes.ts'

export function createRegistry(given: Services): Handler {
  const { config, log } = given
  // What is pulled from peers is stored, which a read-only registry does not do.
  const isReadOnly = config.storage.maintenance.readonly.enabled
  const mayPull = given.remote && !isReadOnly
  const remote = mayPull ? withoutDeleted(given.remote, given.store.catalog) : undefined
  const services = { ...given, remote }
  const rights = createOrigins(config.http)
  const find = createRouter(permitted(ROUTES, config.storage))
  const common = commonHeaders(config.http.headers)

  const answer = (request: RegistryRequest, path: string): Promise<RegistryResponse> => {
    refuseCrossOrigin(request, rights)
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

/** Configured headers replace ours, in whatever case they are written. */
function commonHeaders(configured: Services['config']['http']['headers']): RegistryResponse['headers'] {
  const names = new Set(Object.keys(configured).map((name) => name.toLowerCase()))
  const ours = { 'Docker-Distribution-API-Version': 'registry/2.0', ...SECURITY_HEADERS }
  const left = Object.entries(ours).filter(([name]) => !names.has(name.toLowerCase()))
  return { ...Object.fromEntries(left), ...configured }
}

/** Without the operations that the configuration forbids: they answer 405 and say why. */
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

/** The path from `/v2` on. A path outside the prefix becomes empty, which matches no route. */
function pathOf(target: string, prefix: string): string {
  const [path] = target.split('?', 1) as [string]
  return prefix === '/' ? path : path.startsWith(prefix) ? path.slice(prefix.length - 1) : ''
}

function describeOptions(
  request: RegistryRequest,
  rights: CorsPolicy,
  match: Match<Route<Context>> | undefined,
): RegistryResponse {
  const methods = match ? methodsOf(match) : 'GET, HEAD'
  return emptyResponse(204, { Allow: methods, ...preflightHeaders(request, rights, methods) })
}
