/**
 * The swarm's protocol by HTTP, for peers that are faster this way or know no other, as browsers: `GET /flotilla/peer`
 * says and proves which peer this is, `POST /flotilla/ask` answers one request as a libp2p stream would.
 */
import * as z from 'zod/mini'
import type { Json } from '../../core/api/schemas.ts'
import { abortable } from '../../core/async/abortable.ts'
import type { Bytes } from '../../core/blobs/ports.ts'
import type { Config } from '../../core/config.ts'
import { jsonResponse } from '../../core/http/message.ts'
import { createOrigins } from '../../core/http/origins.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { lengthOf } from '../../core/oci/range.ts'
import type { Network, PeerId } from '../../core/swarm/ports.ts'
import { encodeFrame } from '../../core/swarm/protocol/frame.ts'
import { MAX_REQUEST_BYTES, REQUEST_TIMEOUT_MS } from '../../core/swarm/protocol/limits.ts'
import { NONCE } from '../../core/swarm/protocol/nonce.ts'
import { peerStatement, signStatement } from '../../core/swarm/protocol/statements.ts'
import { type HandlerResponse, type RequestHandler, StoredRange } from '../../core/swarm/serve/handler.ts'
import type { NodeApiHandlers } from './api-route.ts'
import { HTTP_REQUESTER, type NodeRequest } from './request.ts'
import type { SentResponse } from './send.ts'

/** This registry as its peers know it. */
export interface LocalPeer {
  readonly id: PeerId
  /** Multiaddrs by which libp2p reaches it, with its id. */
  addresses(): readonly string[]
  readonly answer: RequestHandler
  /** Signs with the key that the id carries. */
  readonly sign: Network['sign']
  /** Called with the number of bytes of blobs that were sent to a requester. */
  onSent(requester: string, bytes: number): void
}

export interface PeerEndpointDeps {
  readonly config: Pick<Config, 'http' | 'swarm' | 'storage'>
  /** `undefined` while this registry is in no swarm. */
  peer(): LocalPeer | undefined
}

export function createPeerEndpoint({
  config,
  peer,
}: PeerEndpointDeps): Pick<NodeApiHandlers, 'localPeer' | 'request'> {
  const { mayWrite } = createOrigins(config.http)

  /** @throws RegistryError DENIED in a private swarm, because requests by HTTP do not prove that they know its key */
  function requirePeer(): LocalPeer {
    if (config.swarm.key !== undefined) throw new RegistryError('DENIED', 'this swarm is private')
    const joined = peer()
    if (!joined) throw new RegistryError('UNAVAILABLE', 'this registry is in no swarm')
    return joined
  }

  /** Whether the page that sent the request may push here. True for programs. */
  function mayPush(request: NodeRequest): boolean {
    const origin = request.header('origin')
    const isPermitted = origin === undefined || request.isOwn(origin) || mayWrite(origin)
    return isPermitted && !config.storage.maintenance.readonly.enabled
  }

  /** With a nonce, the peer proves that the id is its own. */
  async function getPeer(request: NodeRequest): Promise<SentResponse> {
    const { id, addresses, sign } = requirePeer()
    const self: Json<'LocalPeer'> = { id, addresses: addresses(), writable: mayPush(request) }
    const nonce = new URLSearchParams(request.target.split('?')[1]).get('nonce')
    if (nonce === null) return jsonResponse(200, self)
    if (!NONCE.test(nonce))
      throw new RegistryError('UNSUPPORTED', 'expected a nonce of 22 to 64 characters of base64url', {
        status: 400,
      })
    const signature = await signStatement({ self: id, sign }, peerStatement(nonce))
    return jsonResponse(200, { ...self, signature } satisfies Json<'LocalPeer'>)
  }

  async function postRequest(request: NodeRequest): Promise<SentResponse> {
    const { answer, onSent } = requirePeer()
    const { requester, signal } = request
    const asked = await readRequest(request)
    const answered = await answer(asked, requester, request).catch((error: unknown) => {
      throw error instanceof z.core.$ZodError ? notARequest() : error
    })
    if (answered.body instanceof StoredRange) onSent(requester, lengthOf(answered.body.range))
    return toResponse(answered, signal)
  }

  if (!config.swarm.enabled) return {}
  return { localPeer: { GET: getPeer }, request: { POST: postRequest } }
}

export const isHttpRequester = (peer: PeerId): boolean => peer.startsWith(HTTP_REQUESTER)

/** The frame of a libp2p stream, and the bytes after it. */
function toResponse({ value, body }: HandlerResponse, signal: AbortSignal): SentResponse {
  const frame = encodeFrame({ ok: value })
  const headers = { 'Content-Type': 'application/octet-stream' }
  if (body && !(body instanceof StoredRange))
    return { status: 200, headers, body: [frame, abortable(body, signal)] }
  const length = frame.byteLength + (body ? lengthOf(body.range) : 0)
  const known = { ...headers, 'Content-Length': String(length) }
  return { status: 200, headers: known, body: body ? [frame, body] : [frame] }
}

/**
 * Pages of other origins cannot send this type without a preflight request (the Fetch standard's CORS protocol).
 *
 * @throws RegistryError with status 400, 408, 413 or 415 for what is not JSON, too large or too slow
 */
async function readRequest(request: NodeRequest): Promise<unknown> {
  const { body } = request
  const [type] = (request.header('content-type') ?? '').split(';')
  if (type!.trim().toLowerCase() !== 'application/json') throw refused(415, 'expected application/json')
  const text = body ? await textOf(body) : ''
  try {
    return JSON.parse(text)
  } catch {
    throw notARequest()
  }
}

async function textOf(body: Bytes): Promise<string> {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let size = 0
  let text = ''
  try {
    for await (const chunk of abortable(body, timeout)) {
      size += chunk.byteLength
      if (size > MAX_REQUEST_BYTES) throw refused(413, `a request has at most ${MAX_REQUEST_BYTES} bytes`)
      text += decoder.decode(chunk, { stream: true })
    }
    return text + decoder.decode()
  } catch (error) {
    if (timeout.aborted) throw refused(408, 'the request did not arrive in time')
    throw error instanceof TypeError ? notARequest() : error
  }
}

const notARequest = (): RegistryError =>
  refused(400, 'expected a request of the protocol /flotilla/blob/1.0.0')

const refused = (status: number, message: string): RegistryError =>
  new RegistryError('UNSUPPORTED', message, { status })
