/** The HTTP server of a registry: host check, limits of connections, and which handler a request goes to. */

import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Config } from '../../core/config.ts'
import { failureResponse } from '../../core/http/failure.ts'
import type { Handler, RegistryResponse } from '../../core/http/message.ts'
import { createOrigins, type Origins } from '../../core/http/origins.ts'
import { withSecurityHeaders } from '../../core/http/security-headers.ts'
import type { Log } from '../../core/log.ts'
import { parseHostPort } from '../host-port.ts'
import { type AccessLog, openAccessLog } from './access-log.ts'
import { answerClientError } from './client-error.ts'
import { limitConnections } from './connections.ts'
import { createHostCheck } from './host-check.ts'
import { NodeRequest } from './request.ts'
import { respond } from './respond.ts'
import { watchConnections } from './write-pacing.ts'

export interface HttpServer {
  readonly url: string
  /** Refuses new requests, lets running ones finish for `http.draintimeout`, then cuts them. */
  close(): Promise<void>
}

/**
 * Milliseconds. The head of a request must arrive within `headersTimeout`; bodies have no timeout but a minimum rate
 * (`minimum-rate.ts`). TCP keep-alive finds clients that are gone.
 */
const SETTINGS: ServerOptions = {
  headersTimeout: 20_000,
  requestTimeout: 0,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 75_000,
  keepAliveTimeoutBuffer: 0,
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
}

/** Answers requests for paths outside `/v2/`. `false`: the request is for the next handler. */
export type RouteHandler = (request: IncomingMessage, response: ServerResponse) => boolean

export interface HttpServerOptions {
  readonly routes?: readonly RouteHandler[]
  /** Called when no route has answered; calls `next` if it does not answer either. */
  readonly page?: ((request: IncomingMessage, response: ServerResponse, next: () => void) => void) | undefined
}

export async function openHttpServer(
  registry: Handler,
  config: Config,
  log: Log,
  { routes = [], page }: HttpServerOptions = {},
): Promise<HttpServer> {
  const accessLog = config.log.accesslog.disabled ? undefined : openAccessLog()
  const origins = createOrigins(config.http)
  const problemOf = createHostCheck(origins)
  const answer = createHandler({ registry, origins, accessLog, log })
  const registryPath = `${config.http.prefix}v2/`
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const problem = problemOf(request)
    if (problem) return void answer(request, response, problem)
    if (request.url!.startsWith(registryPath)) return void answer(request, response)
    if (routes.some((route) => route(request, response))) return
    if (page) page(request, response, () => void answer(request, response))
    else void answer(request, response)
  }
  const server = createServer(SETTINGS)
  watchConnections(server)
  const connections = limitConnections(server, config.http.connections)
  server.on('request', (request, response) =>
    connections.begin(request, response, () => handle(request, response)),
  )
  server.on('clientError', answerClientError)
  server.listen(parseHostPort(config.http.addr))
  await once(server, 'listening')
  return {
    url: urlOf(server),
    close: () => close(server, config.http.draintimeout).finally(() => accessLog?.close()),
  }
}

interface HandlerDeps {
  readonly registry: Handler
  readonly origins: Origins
  readonly accessLog: AccessLog | undefined
  readonly log: Log
}

/** Returns the function that sends the registry's response, or the error response for `problem`. */
function createHandler({ registry, origins, accessLog, log }: HandlerDeps) {
  return async (incoming: IncomingMessage, outgoing: ServerResponse, problem?: Error): Promise<void> => {
    if (!problem && isProbe(incoming))
      return void outgoing.writeHead(200, { 'Cache-Control': 'no-cache' }).end()
    const answer = async (): Promise<RegistryResponse> => {
      const request = new NodeRequest(incoming, outgoing, origins)
      const answered = problem
        ? withSecurityHeaders(failureResponse(problem, request, log))
        : await registry(request)
      accessLog?.write(incoming, answered)
      return answered
    }
    await respond(outgoing, answer, log)
  }
}

/** Health checks request the root, as with Distribution. */
const isProbe = ({ url, method }: IncomingMessage): boolean =>
  url === '/' && (method === 'GET' || method === 'HEAD')

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

async function close(server: Server, draintimeout: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  // A connection that is kept alive falls idle when its running request ends.
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  const end = setTimeout(() => server.closeAllConnections(), draintimeout)
  await closed
  clearInterval(idle)
  clearTimeout(end)
}
