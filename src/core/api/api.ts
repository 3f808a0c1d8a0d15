/**
 * Answers requests under `/flotilla/`: finds the row of the route table, checks who asks, runs the handler that the
 * platform has bound to it, and turns what goes wrong into the registry's error envelope.
 */
import { corsHeaders, preflightHeaders, refuseCrossOrigin, SAME_ORIGIN_ONLY } from '../http/cors.ts'
import { failureResponse } from '../http/failure.ts'
import { emptyResponse, type RegistryRequest, type RegistryResponse } from '../http/message.ts'
import type { CorsPolicy } from '../http/origins.ts'
import { createRouter, type Match, type Methods, methodsOf, operationOf } from '../http/route.ts'
import { withSecurityHeaders } from '../http/security-headers.ts'
import type { Log } from '../log.ts'
import { RegistryError } from '../oci/error.ts'
import type { API_OPERATIONS } from './operations.ts'
import { API_ROUTES, type ApiRoute, type RouteName } from './routes.ts'

/** Its body may be of a kind that only the platform can send. */
export type ApiResponse = Pick<RegistryResponse, 'status' | 'headers'>

export type ApiHandler<Request, Response> = (
  request: Request,
  parameters: Readonly<Record<string, string>>,
) => Promise<Response>

/** Handlers by the name of the route and the method. A route without one does not exist on this platform. */
export type ApiHandlers<Request = RegistryRequest, Response = RegistryResponse> = {
  readonly [Name in RouteName]?: {
    readonly [Method in keyof (typeof API_OPERATIONS)[Name]]?: ApiHandler<Request, Response>
  }
}

export interface ApiOptions {
  /** What lies in front of the routes that are not the owner's. By default `/`. */
  readonly prefix?: string
  /** Which pages may use the routes for anyone. By default those of the registry's own origin. */
  readonly policy?: CorsPolicy
  readonly log: Log
}

type BoundRoute<Handler> = Pick<ApiRoute, 'path' | 'audience' | 'isLink'> & Methods<Handler>

export type ApiMatch<Request, Response> = Match<BoundRoute<ApiHandler<Request, Response>>>

export interface Api<Request, Response> {
  /** @param target - path and query, as in {@link RegistryRequest} */
  find(target: string): ApiMatch<Request, Response> | undefined
  /**
   * Never rejects: what goes wrong is in the response.
   *
   * @param match - `undefined` for a path that does not exist
   * @param admit - throws if the client may not use the route
   */
  answer(
    request: Request,
    match: ApiMatch<Request, Response> | undefined,
    admit?: () => void,
  ): Promise<Response | RegistryResponse>
}

export function createApi<
  Request extends RegistryRequest = RegistryRequest,
  Response extends ApiResponse = RegistryResponse,
>(
  handlers: ApiHandlers<Request, Response>,
  { prefix = '/', policy = SAME_ORIGIN_ONLY, log }: ApiOptions,
): Api<Request, Response> {
  const find = createRouter(bind(handlers, prefix))

  async function run(
    request: Request,
    match: ApiMatch<Request, Response> | undefined,
    origins: CorsPolicy,
    admit: () => void,
  ): Promise<Response | RegistryResponse> {
    admit()
    if (match && !match.route.isLink) refuseCrossOrigin(request, origins)
    if (match && request.method === 'OPTIONS') return describeOptions(request, match, origins)
    return operationOf(request.method, match)(request, match!.parameters)
  }

  return {
    find: (target) => find(target.split('?', 1)[0]!),
    async answer(request, match, admit = () => {}) {
      const origins = match?.route.audience === 'anyone' ? policy : SAME_ORIGIN_ONLY
      const response = await run(request, match, origins, admit).catch((error) =>
        failureResponse(error, request, logFor(error, log)),
      )
      const headers = { 'Cache-Control': 'no-store', ...corsHeaders(request, origins), ...response.headers }
      return withSecurityHeaders({ ...response, headers })
    },
  }
}

function bind<Request, Response>(
  handlers: ApiHandlers<Request, Response>,
  prefix: string,
): BoundRoute<ApiHandler<Request, Response>>[] {
  return Object.entries(handlers).map(([name, operations]) => {
    const route: ApiRoute = API_ROUTES[name as RouteName]
    const path = route.audience === 'owner' ? route.path : prefix + route.path.slice(1)
    return { ...route, path, operations }
  })
}

function describeOptions(
  request: RegistryRequest,
  match: Match<BoundRoute<unknown>>,
  origins: CorsPolicy,
): RegistryResponse {
  const methods = methodsOf(match)
  const isForAnyone = match.route.audience === 'anyone'
  return emptyResponse(204, {
    Allow: methods,
    ...(isForAnyone && preflightHeaders(request, origins, methods)),
  })
}

/** That a peer or the swarm is not available is not a failure of this registry. */
const logFor = (error: unknown, log: Log): Log =>
  error instanceof RegistryError && error.code === 'UNAVAILABLE' ? { ...log, error: log.debug } : log
