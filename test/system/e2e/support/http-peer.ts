/** An HTTP peer for browsers: honest, or malicious in one of the known ways. */
import type { ServerResponse } from 'node:http'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { Bytes } from '../../../../src/core/blobs/ports.ts'
import { configSchema } from '../../../../src/core/config.ts'
import { silentLog } from '../../../../src/core/log.ts'
import type { RequestHandler } from '../../../../src/core/swarm/serve/handler.ts'
import { createApiRoute } from '../../../../src/node/http/api-route.ts'
import { createPeerEndpoint } from '../../../../src/node/http/peer-endpoint.ts'
import { openHttpServer, type RouteHandler } from '../../../../src/node/http/server.ts'
import type { Recipe } from '../../peers/content.ts'
import { createAnswer } from '../../peers/hostile-answers.ts'
import { type Behaviour, behaviourOf, type Lie } from '../../peers/lies.ts'
import { holdBlobs } from '../../peers/scripted-blobs.ts'

export interface HttpPeer extends AsyncDisposable {
  readonly id: string
  /** Its address in the settings of the page. */
  readonly multiaddr: string
  /** Number of requests that it got. */
  questions(): number
}

export interface HttpPeerOptions {
  readonly blobs: readonly Recipe[]
  readonly lie?: Lie
  /** Milliseconds before each response. */
  readonly delay?: number
}

/** Any page may use it. */
export async function openHttpPeer({ blobs, lie, delay = 0 }: HttpPeerOptions): Promise<HttpPeer> {
  const key = await generateKeyPair('Ed25519')
  const id = peerIdFromPrivateKey(key).toString()
  const sign = async (bytes: Uint8Array) => key.sign(bytes)
  const behave = (): Behaviour => behaviourOf(lie)
  const script = { blobs, delay }
  let questions = 0
  const held = await holdBlobs(script, behave, () => {})
  const said = createAnswer({ script, behaviour: behave(), blobs: held, tell: () => questions++ })
  const config = configSchema.parse({
    version: 0.1,
    log: { accesslog: { disabled: true } },
    storage: { inmemory: {} },
    http: { addr: '127.0.0.1:0', cors: { origins: ['*'] } },
  })
  const peer = { id, sign, answer: answerWithCopies(said), addresses: () => [], onSent() {} }
  const handlers = createPeerEndpoint({ config, peer: () => peer })
  const asking = createApiRoute({ handlers, config, log: silentLog })
  const registry = async () => ({ status: 404, headers: {} })
  const routes = [noise(behave().raw, () => questions++), asking]
  const { url, close } = await openHttpServer(registry, config, silentLog, { routes })
  return {
    id,
    multiaddr: `/ip4/127.0.0.1/tcp/${new URL(url).port}/http`,
    questions: () => questions,
    [Symbol.asyncDispose]: close,
  }
}

/** A copy, because the server frees the memory of what it has sent, which the next request may need. */
const answerWithCopies =
  (answer: RequestHandler): RequestHandler =>
  async (...asked) => {
    const { value, body } = await answer(...asked)
    return { value, ...(body && { body: copiesOf(body) }) }
  }

async function* copiesOf(chunks: Bytes): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield chunk.slice()
}

/** What is sent instead of a response. */
const noise =
  (raw: Behaviour['raw'], onQuestion: () => void): RouteHandler =>
  (request, response) => {
    if (!raw || request.method !== 'POST') return false
    onQuestion()
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*' })
    void sendAll(response, raw())
    return true
  }

async function sendAll(response: ServerResponse, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    if (response.destroyed) return
    await new Promise((resolve) => response.once('close', resolve).write(chunk, resolve))
  }
  response.end()
}
