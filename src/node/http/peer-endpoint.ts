/**
 * The swarm's protocol by HTTP, for peers that are quicker this way or know no other, as browsers: `GET /flotilla/peer`
 * tells and proves who this is, `POST /flotilla/ask` answers one question as a stream of libp2p would.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import * as z from 'zod/mini'
import { abortable } from '../../core/async/abortable.ts'
import type { Config } from '../../core/config.ts'
import { corsHeaders, preflightHeaders, refuseForeign } from '../../core/http/cors.ts'
import { failureResponse } from '../../core/http/failure.ts'
import { INERT } from '../../core/http/inert.ts'
import { emptyResponse, jsonResponse } from '../../core/http/message.ts'
import { createOrigins } from '../../core/http/origins.ts'
import type { Log } from '../../core/log.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { lengthOf } from '../../core/oci/range.ts'
import type { Network, PeerId } from '../../core/swarm/ports.ts'
import { NONCE } from '../../core/swarm/protocol/base64url.ts'
import { encodeFrame } from '../../core/swarm/protocol/frame.ts'
import { peerStatement, signStatement } from '../../core/swarm/protocol/statements.ts'
import { type Answer, type RequestHandler, StoredRange } from '../../core/swarm/serve/handler.ts'
import { createQuestionLimit, noQuestion, readQuestion } from './question.ts'
import { NodeRequest } from './request.ts'
import { type SentResponse, send } from './send.ts'
import type { OtherRoute } from './server.ts'

/** This registry as its peers know it. */
export interface LocalPeer {
  readonly id: PeerId
  /** Multiaddrs by which libp2p reaches it, with its id. */
  addresses(): readonly string[]
  readonly answer: RequestHandler
  /** Signs with the key that the id carries. */
  readonly sign: Network['sign']
  /** Told of the bytes of blobs that went to an asker. */
  onSent(asker: string, bytes: number): void
}

export interface PeerEndpointDeps {
  readonly config: Pick<Config, 'http' | 'swarm' | 'storage'>
  /** `undefined` while this registry is in no swarm. */
  peer(): LocalPeer | undefined
  readonly log: Log
}

/** Milliseconds without a byte after which whoever asks is let go; leaves that are being hashed are waited for. */
const STALL = 60_000

interface Operation {
  readonly method: 'GET' | 'POST'
  respond(request: NodeRequest, asker: string): Promise<SentResponse>
}

export function createPeerEndpoint({ config, peer, log }: PeerEndpointDeps): OtherRoute {
  const { prefix } = config.http
  const origins = createOrigins(config.http)
  // To ask is to read, also by POST.
  const rights = { ...origins, mayWrite: origins.mayRead }
  const limit = createQuestionLimit()
  const operations = new Map<string | undefined, Operation>([
    [`${prefix}flotilla/peer`, { method: 'GET', respond: tell }],
    [`${prefix}flotilla/ask`, { method: 'POST', respond: ask }],
  ])

  /** @throws RegistryError DENIED in a private swarm, as nobody proves by HTTP that he knows its key */
  function requirePeer(): LocalPeer {
    if (config.swarm.key !== undefined) throw new RegistryError('DENIED', 'this swarm is private')
    const joined = peer()
    if (!joined) throw new RegistryError('UNAVAILABLE', 'this registry is in no swarm')
    return joined
  }

  /** Whether whoever asks may push here, as far as that is told by the page that asks. */
  function mayPush(request: NodeRequest): boolean {
    const origin = request.header('origin')
    const isPermitted = origin === undefined || request.isOwn(origin) || origins.mayWrite(origin)
    return isPermitted && !config.storage.maintenance.readonly.enabled
  }

  /** With a nonce, the peer proves that the id is its own. @throws RegistryError UNSUPPORTED for what is no nonce */
  async function tell(request: NodeRequest): Promise<SentResponse> {
    const { id, addresses, sign } = requirePeer()
    const told = { id, addresses: addresses(), writable: mayPush(request) }
    const nonce = new URLSearchParams(request.target.split('?')[1]).get('nonce')
    if (nonce === null) return jsonResponse(200, told)
    if (!NONCE.test(nonce)) throw new RegistryError('UNSUPPORTED', 'expected a nonce', { status: 400 })
    const signature = await signStatement({ self: id, sign }, peerStatement(nonce))
    return jsonResponse(200, { ...told, signature })
  }

  async function ask(request: NodeRequest, asker: string): Promise<SentResponse> {
    const { answer, onSent } = requirePeer()
    const question = await readQuestion(request)
    const said = await answer(question, asker, request).catch((error: unknown) => {
      throw error instanceof z.core.$ZodError ? noQuestion() : error
    })
    if (said.body instanceof StoredRange) onSent(asker, lengthOf(said.body.range))
    return toResponse(said, request.signal)
  }

  async function respond(operation: Operation, request: NodeRequest, asker: string): Promise<SentResponse> {
    const { method } = operation
    refuseForeign(request, rights)
    if (request.method === 'OPTIONS')
      return emptyResponse(204, { Allow: method, ...preflightHeaders(request, rights, method) })
    if (request.method !== method)
      throw new RegistryError('UNSUPPORTED', undefined, { headers: { Allow: method } })
    return operation.respond(request, asker)
  }

  /** Never rejects. */
  async function serve(operation: Operation, incoming: IncomingMessage, outgoing: ServerResponse) {
    const request = new NodeRequest(incoming, outgoing, origins)
    const asker = askerAt(incoming.socket.remoteAddress)
    using held = new DisposableStack()
    outgoing.setTimeout(STALL)
    try {
      const attempt = async () => {
        held.defer(limit.begin(asker))
        return respond(operation, request, asker)
      }
      const response = await attempt().catch((error) => {
        // That it is in no swarm, or not yet, is no failure of this registry.
        const isTold = error instanceof RegistryError
        return failureResponse(error, request, isTold ? { ...log, error: log.debug } : log)
      })
      const common = { 'Cache-Control': 'no-store', ...INERT, ...corsHeaders(request, rights) }
      await send(outgoing, { ...response, headers: { ...common, ...response.headers } })
    } catch (error) {
      log.debug('answer broke off', { asker, err: error })
      outgoing.destroy()
    }
  }

  return (incoming, outgoing) => {
    const operation = config.swarm.enabled ? operations.get(incoming.url?.split('?', 1)[0]) : undefined
    if (operation) void serve(operation, incoming, outgoing)
    return operation !== undefined
  }
}

const ASKER = 'http:'

/** Stands for a peer's id: who asks by HTTP proves none. */
const askerAt = (address = 'gone'): string => `${ASKER}${address.replace(/^::ffff:/, '')}`

export const isAsker = (peer: PeerId): boolean => peer.startsWith(ASKER)

/** The frame of a stream, and the bytes after it. */
function toResponse({ value, body }: Answer, signal: AbortSignal): SentResponse {
  const frame = encodeFrame({ ok: value })
  const headers = { 'Content-Type': 'application/octet-stream' }
  if (body && !(body instanceof StoredRange))
    return { status: 200, headers, body: [frame, abortable(body, signal)] }
  const length = frame.byteLength + (body ? lengthOf(body.range) : 0)
  const known = { ...headers, 'Content-Length': String(length) }
  return { status: 200, headers: known, body: body ? [frame, body] : [frame] }
}
