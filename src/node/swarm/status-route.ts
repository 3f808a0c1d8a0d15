/**
 * `GET /flotilla/peers`, which tells who this peer is connected to: only to programs on this machine, and to no web
 * page, whichever name it has found for this machine.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SwarmStatus } from '../../core/libp2p/status.ts'
import { isLocal } from '../http/local.ts'

const PATH = '/flotilla/peers'

/** `false` for any other path. */
export type StatusRoute = (request: IncomingMessage, response: ServerResponse) => boolean

/** @param status - `undefined` where this registry is in no swarm; may wait until it has joined */
export const createStatusRoute =
  (status: () => Promise<SwarmStatus | undefined>): StatusRoute =>
  (request, response) => {
    if (request.url !== PATH) return false
    if (!isLocal(request)) answer(response, 403, { error: 'only for programs on this machine' })
    else if (request.method !== 'GET') answer(response, 405, { error: 'only GET' })
    else void status().then((value) => answerStatus(response, value))
    return true
  }

function answerStatus(response: ServerResponse, status: SwarmStatus | undefined): void {
  if (status) answer(response, 200, status)
  else answer(response, 503, { error: 'this registry is in no swarm' })
}

function answer(response: ServerResponse, code: number, value: object): void {
  response.writeHead(code, { Allow: 'GET', 'Cache-Control': 'no-store', 'Content-Type': 'application/json' })
  response.end(`${JSON.stringify(value)}\n`)
}
