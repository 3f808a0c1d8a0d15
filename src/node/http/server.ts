/** The HTTP doorway: Node's server in front of a registry. */

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
import { inert } from '../../core/http/inert.ts'
import type { Handler } from '../../core/http/message.ts'
import { createOrigins, type Origins } from '../../core/http/origins.ts'
import type { Log } from '../../core/log.ts'
import { type AccessLog, openAccessLog } from './access-log.ts'
import { answerClientError } from './client-error.ts'
import { limitConnections } from './connections.ts'
import { createHostCheck } from './host-check.ts'
import { NodeRequest } from './request.ts'
import { breakOff, send } from './send.ts'
import { countArrivals } from './write-turns.ts'

export interface HttpServer {
  readonly url: string
  /** Refuses new requests, lets running ones finish for as long as the configuration says, then cuts them. */
  close(): Promise<void>
}

/**
 * Milliseconds. A client has so long to send the head of a request, from the connection or its first byte on; bodies are
 * held to a pace. TCP finds out itself who has gone without a word.
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

/** Answers a path that is not the registry's; `false` leaves the request to others. */
export type OtherRoute = (request: IncomingMessage, response: ServerResponse) => boolean

/** What is served beside the registry. */
export interface Besides {
  readonly routes?: readonly OtherRoute[]
  /** Asked when nobody else answers; calls `next` where it does not either. */
  readonly page?: ((request: IncomingMessage, response: ServerResponse, next: () => void) => void) | undefined
}

export async function openHttpServer(
  registry: Handler,
  config: Config,
  log: Log,
  { routes = [], page }: Besides = {},
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
  countArrivals(server)
  const connections = limitConnections(server, config.http.connections)
  server.on('request', (request, response) =>
    connections.begin(request, response, () => handle(request, response)),
  )
  server.on('clientError', answerClientError)
  server.listen(parseAddress(config.http.addr))
  await once(server, 'listening')
  return {
    url: urlOf(server),
    close: () => close(server, config.http.draintimeout).finally(() => accessLog?.close()),
  }
}

interface HandlerParts {
  readonly registry: Handler
  readonly origins: Origins
  readonly accessLog: AccessLog | undefined
  readonly log: Log
}

/** Gives the function that lets the registry answer, or tells of a problem in its place. */
function createHandler({ registry, origins, accessLog, log }: HandlerParts) {
  return async (request: IncomingMessage, response: ServerResponse, problem?: Error): Promise<void> => {
    if (!problem && isProbe(request))
      return void response.writeHead(200, { 'Cache-Control': 'no-cache' }).end()
    try {
      const asked = new NodeRequest(request, response, origins)
      const answer = problem ? inert(failureResponse(problem, asked, log)) : await registry(asked)
      accessLog?.write(request, answer)
      await send(response, answer)
    } catch (error) {
      breakOff(response, error, log)
    }
  }
}

/** Whoever only wants to know whether the process is alive asks for the root, as with Distribution. */
const isProbe = ({ url, method }: IncomingMessage): boolean =>
  url === '/' && (method === 'GET' || method === 'HEAD')

/** `host:port`, `:port` for all interfaces, `[::1]:port`. The configuration has checked the form. */
function parseAddress(text: string): { port: number; host?: string } {
  const colon = text.lastIndexOf(':')
  const host = text.slice(0, colon).replace(/^\[|\]$/g, '')
  const port = Number(text.slice(colon + 1))
  return host === '' ? { port } : { port, host }
}

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
