/** The API under `/flotilla/` on this server: who may call which route, and how much of it at once. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ApiHandlers, type ApiMatch, createApi } from '../../core/api/api.ts'
import type { Config } from '../../core/config.ts'
import { createOrigins } from '../../core/http/origins.ts'
import type { Log } from '../../core/log.ts'
import { createOwnerCheck } from './owner-check.ts'
import { NodeRequest } from './request.ts'
import { createRequestLimit } from './request-limit.ts'
import { respond } from './respond.ts'
import type { SentResponse } from './send.ts'
import type { RouteHandler } from './server.ts'

export type NodeApiHandlers = ApiHandlers<NodeRequest, SentResponse>

export interface ApiRouteDeps {
  readonly handlers: NodeApiHandlers
  /** The owner's. Without one, as in memory, the owner's routes refuse everybody. */
  readonly token?: string | undefined
  readonly config: Pick<Config, 'http'>
  readonly log: Log
}

/** Without a byte for so long, a client of a route for anyone is cut; leaves that are being hashed are waited for. */
const STALL_MS = 60_000

export function createApiRoute({ handlers, token, config, log }: ApiRouteDeps): RouteHandler {
  const origins = createOrigins(config.http)
  // A request of the swarm's protocol only reads, also by POST.
  const policy = { ...origins, mayWrite: origins.mayRead }
  const api = createApi(handlers, { prefix: config.http.prefix, policy, log })
  const requireOwner = createOwnerCheck(token)
  const limit = createRequestLimit()

  async function serve(
    match: ApiMatch<NodeRequest, SentResponse>,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    const { audience } = match.route
    const request = new NodeRequest(incoming, outgoing, origins)
    using held = new DisposableStack()
    const admit = () => {
      if (audience === 'owner') requireOwner(incoming)
      if (audience === 'anyone') held.defer(limit.begin(request.requester))
    }
    if (audience === 'anyone') outgoing.setTimeout(STALL_MS)
    // That a stranger's response breaks off is not a failure of this registry.
    const quiet = audience === 'anyone' ? { ...log, error: log.debug } : log
    await respond(outgoing, () => api.answer(request, match, admit), quiet)
  }

  return (incoming, outgoing) => {
    const match = api.find(incoming.url!)
    if (match) void serve(match, incoming, outgoing)
    return match !== undefined
  }
}
