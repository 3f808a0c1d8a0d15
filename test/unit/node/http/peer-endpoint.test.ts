/** The swarm's protocol by HTTP, as browsers use it, and as hostile clients do. */

import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verify } from '../../../../src/browser/swarm/verify.ts'
import { configSchema } from '../../../../src/core/config.ts'
import { silentLog } from '../../../../src/core/log.ts'
import { requestSchema } from '../../../../src/core/swarm/protocol/messages.ts'
import { newNonce } from '../../../../src/core/swarm/protocol/nonce.ts'
import { isStatedBy, peerStatement } from '../../../../src/core/swarm/protocol/statements.ts'
import { type HandlerResponse, StoredRange } from '../../../../src/core/swarm/serve/handler.ts'
import { FileContent } from '../../../../src/node/disk/file-content.ts'
import { createApiRoute } from '../../../../src/node/http/api-route.ts'
import { createPeerEndpoint, type LocalPeer } from '../../../../src/node/http/peer-endpoint.ts'
import { type HttpServer, openHttpServer } from '../../../../src/node/http/server.ts'
import { useQuickTimeouts } from '../../../support/quick-timeouts.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'

const DIGEST = `sha256:${'5e'.repeat(32)}`
const QUESTION = JSON.stringify({ ask: 'have', digests: [DIGEST] })
const JSON_TYPE = { 'content-type': 'application/json' }
const OWN_PAGE = 'http://page.example'

const key = await generateKeyPair('Ed25519')

let server: HttpServer
let peer: LocalPeer | undefined
let answer: LocalPeer['answer']
let asked: { question: unknown; asker: string; signal: AbortSignal }[]
let sent: [asker: string, bytes: number][]

beforeEach(async () => {
  asked = []
  sent = []
  answer = async () => ({ value: { offers: [null] } })
  peer = {
    id: peerIdFromPrivateKey(key).toString(),
    addresses: () => ['/ip4/127.0.0.1/tcp/4001/ws/p2p/12D3KooWSelf'],
    answer: async (question, asker, { signal }) => {
      asked.push({ question: requestSchema.parse(question), asker, signal })
      return answer(question, asker, { signal })
    },
    sign: async (bytes) => key.sign(bytes),
    onSent: (asker, bytes) => sent.push([asker, bytes]),
  }
  await open({ http: { cors: { origins: [OWN_PAGE] } } })
})

afterEach(() => server.close())

async function open({ http = {}, swarm = {} }: { http?: object; swarm?: object }): Promise<void> {
  const config = configSchema.parse({
    version: 0.1,
    log: { accesslog: { disabled: true } },
    storage: { inmemory: {} },
    http: { addr: '127.0.0.1:0', ...http },
    swarm,
  })
  const registry = async () => ({ status: 404, headers: { 'Flotilla-Test': 'registry' } })
  const handlers = createPeerEndpoint({ config, peer: () => peer })
  const asking = createApiRoute({ handlers, config, log: silentLog })
  server = await openHttpServer(registry, config, silentLog, { routes: [asking] })
}

async function reopen(settings: { http?: object; swarm?: object }): Promise<void> {
  await server.close()
  await open(settings)
}

interface Sent {
  readonly path?: string
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array
}

function begin({ path = '/flotilla/ask', method = 'POST', headers = JSON_TYPE, body = QUESTION }: Sent = {}) {
  const { hostname, port } = new URL(server.url)
  const asking = request({ hostname, port, path, method, headers, agent: false })
  asking.end(method === 'GET' || method === 'OPTIONS' ? undefined : body)
  return asking
}

async function ask(options: Sent = {}) {
  const [response] = await once(begin(options), 'response')
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) }
}

const statusOf = async (options: Sent): Promise<number> => (await ask(options)).status

describe('GET /flotilla/peer', () => {
  it('tells who this is, and where libp2p finds it', async () => {
    const { status, headers, body } = await ask({ path: '/flotilla/peer', method: 'GET' })
    expect(status).toBe(200)
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })
    expect(JSON.parse(String(body))).toEqual({ id: peer!.id, addresses: peer!.addresses(), writable: true })
  })

  it('proves its id for the nonce of the request', async () => {
    const [nonce, other] = [newNonce(), newNonce()]
    const { body } = await ask({ path: `/flotilla/peer?nonce=${nonce}`, method: 'GET' })
    const { signature, ...told } = JSON.parse(String(body))
    expect(told).toEqual({ id: peer!.id, addresses: peer!.addresses(), writable: true })
    expect(await isStatedBy(peer!.id, peerStatement(nonce), signature, verify)).toBe(true)
    expect(await isStatedBy(peer!.id, peerStatement(other), signature, verify)).toBe(false)
  })

  it.each(['', 'short', 'x'.repeat(65), '%22%5D'.repeat(8)])('signs no %o', async (nonce) => {
    expect(await statusOf({ path: `/flotilla/peer?nonce=${nonce}`, method: 'GET' })).toBe(400)
  })

  it('only reads', async () => {
    expect(await statusOf({ path: '/flotilla/peer' })).toBe(405)
  })
})

/** What follows the frame, and the value in it. */
function unframe(body: Buffer): { value: unknown; rest: Buffer } {
  const length = body[0]! < 0x80 ? body[0]! : (body[0]! & 0x7f) + (body[1]! << 7)
  const start = body[0]! < 0x80 ? 1 : 2
  const frame = body.subarray(start, start + length)
  return { value: JSON.parse(String(frame)).ok, rest: body.subarray(start + length) }
}

describe('POST /flotilla/ask', () => {
  it('answers with a frame', async () => {
    const { status, headers, body } = await ask()
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(body.length),
      'cache-control': 'no-store',
    })
    expect(unframe(body)).toEqual({ value: { offers: [null] }, rest: Buffer.of() })
    expect(asked).toMatchObject([{ question: JSON.parse(QUESTION), asker: 'http:127.0.0.1' }])
  })

  it('lets bytes follow whose number nobody knows', async () => {
    answer = async () => ({ value: { size: 3 }, body: pieces('a', 'bc') })
    expect(unframe((await ask()).body)).toEqual({ value: { size: 3 }, rest: Buffer.from('abc') })
    expect(sent).toEqual([])
  })

  it('lets a range of a file follow, and counts it', async () => {
    await using folder = await openTemporaryFolder()
    const path = join(folder.path, 'blob')
    await writeFile(path, 'a blob of bytes')
    const body = new StoredRange(new FileContent(path, 15), { start: 2, end: 5 })
    answer = async () => ({ value: null, body })
    const reply = await ask()
    expect(unframe(reply.body).rest.toString()).toBe('blob')
    expect(reply.headers['content-length']).toBe(String(reply.body.length))
    expect(sent).toEqual([['http:127.0.0.1', 4]])
  })

  it('breaks off where the bytes do', async () => {
    answer = async () => ({ value: null, body: breaking() })
    const [response] = await once(begin(), 'response')
    await expect(buffer(response)).rejects.toThrow('aborted')
  })

  it('cancels a response when the client disconnects, before it and in the middle of it', async () => {
    answer = () => new Promise<HandlerResponse>(() => {})
    const early = begin().on('error', () => {})
    await expect.poll(() => asked).toHaveLength(1)
    early.destroy()
    await expect.poll(() => asked[0]!.signal.aborted).toBe(true)

    let isLetGo = false
    answer = async () => ({ value: null, body: endless(() => (isLetGo = true)) })
    const [response] = await once(begin(), 'response')
    response.destroy()
    await expect.poll(() => isLetGo).toBe(true)
  })

  it('sends no faster than the client reads', async () => {
    let produced = 0
    answer = async () => ({ value: null, body: endless(undefined, () => produced++) })
    const [response] = await once(begin(), 'response')
    response.pause()
    await settled(() => produced)
    expect(produced).toBeLessThan(500)
    response.destroy()
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '{"ask":'],
    ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['a JSON bomb', '['.repeat(60_000)],
    ['no question', '{"ask":"everything"}'],
    ['null', 'null'],
    ['no digest', '{"ask":"have","digests":["sha256:../../etc/passwd"]}'],
    ['too many digests', JSON.stringify({ ask: 'have', digests: Array(257).fill(DIGEST) })],
    ['a negative range', JSON.stringify({ ask: 'range', digest: DIGEST, start: -1, end: 5 })],
  ])('refuses %s', async (_, body) => {
    const { status, body: envelope } = await ask({ body })
    expect(status).toBe(400)
    expect(JSON.parse(String(envelope)).errors).toHaveLength(1)
  })

  it('refuses what is too long, whatever was said of its length', async () => {
    const long = JSON.stringify({ ask: 'have', digests: [DIGEST], padding: 'x'.repeat(70_000) })
    expect(await statusOf({ body: long })).toBe(413)
    expect(await statusOf({ body: long, headers: { ...JSON_TYPE, 'transfer-encoding': 'chunked' } })).toBe(
      413,
    )
    expect(asked).toEqual([])
  })

  it.each([
    undefined,
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'multipart/form-data',
  ])('refuses %s, which pages may send without asking', async (type) => {
    expect(await statusOf({ headers: type ? { 'content-type': type } : {} })).toBe(415)
    expect(asked).toEqual([])
  })

  it('waits for a request body for some seconds only', async () => {
    const bounds = useQuickTimeouts()
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    socket.write(
      'POST /flotilla/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"ask',
    )
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /)
    expect(bounds()[0]).toBe(10_000)
  })

  it('limits the requests of one client at the same time, and then answers again', async () => {
    const waiting = Promise.withResolvers<HandlerResponse>()
    answer = () => waiting.promise
    const responses = Array.from({ length: 129 }, () => once(begin(), 'response'))
    const [first] = await Promise.race(responses)
    expect(first.statusCode).toBe(429)
    waiting.resolve({ value: null })
    const statuses = (await Promise.all(responses)).map(([response]) => response.resume().statusCode)
    expect(statuses.filter((status) => status === 200)).toHaveLength(128)
    expect(await statusOf({})).toBe(200)
  })

  it('tells nothing of what went wrong within', async () => {
    answer = async () => {
      throw new Error('/var/lib/flotilla is on fire')
    }
    const { status, body } = await ask()
    expect(status).toBe(500)
    expect(String(body)).not.toContain('fire')
  })

  it('only answers POST', async () => {
    expect(await statusOf({ method: 'GET' })).toBe(405)
    expect(await statusOf({ method: 'PUT' })).toBe(405)
  })
})

describe('pages of other origins', () => {
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    },
  })

  it('may ask where the configuration names them', async () => {
    const { status, headers } = await ask(preflight(OWN_PAGE))
    expect(status).toBe(204)
    expect(headers).toMatchObject({
      'access-control-allow-origin': OWN_PAGE,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
    })
    const reply = await ask({ headers: { ...JSON_TYPE, origin: OWN_PAGE } })
    expect(reply.status).toBe(200)
    expect(reply.headers['access-control-allow-origin']).toBe(OWN_PAGE)
  })

  it('may not where it does not', async () => {
    const origin = 'https://elsewhere.example'
    expect((await ask(preflight(origin))).headers).not.toHaveProperty('access-control-allow-origin')
    const reply = await ask({ headers: { ...JSON_TYPE, origin } })
    expect(reply.status).toBe(403)
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin')
    expect(asked).toEqual([])
  })

  it.each<[string, Record<string, string>]>([
    ['POST', { 'sec-fetch-site': 'cross-site' }],
    ['POST', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:1' }],
    ['GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['GET', { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'script' }],
  ])('may not by %s without asking, whatever for (%o)', async (method, headers) => {
    const path = method === 'GET' ? '/flotilla/peer' : '/flotilla/ask'
    expect(await statusOf({ path, method, headers: { ...JSON_TYPE, ...headers } })).toBe(403)
    expect(asked).toEqual([])
  })

  it('get answers that run nowhere', async () => {
    for (const reply of [await ask(), await ask({ body: '{}' })]) {
      expect(reply.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'content-security-policy': expect.stringContaining('sandbox'),
      })
    }
  })

  it('need no leave on the own origin', async () => {
    const origin = server.url
    expect(await statusOf({ headers: { ...JSON_TYPE, origin } })).toBe(200)
  })
})

describe.each(['/flotilla/peer', '/flotilla/ask'])('%s', (path) => {
  const method = path.endsWith('peer') ? 'GET' : 'POST'

  it('waits for the swarm to be joined', async () => {
    peer = undefined
    expect(await statusOf({ path, method })).toBe(503)
  })

  it('is not there without a swarm', async () => {
    await reopen({ swarm: { enabled: false } })
    expect((await ask({ path, method })).headers).toHaveProperty('flotilla-test')
  })

  it('is refused in a private swarm', async () => {
    await reopen({ swarm: { key: 'swarm.key' } })
    expect(await statusOf({ path, method })).toBe(403)
  })

  it('lies under the prefix', async () => {
    await reopen({ http: { prefix: '/images/' } })
    expect((await ask({ path, method })).headers).toHaveProperty('flotilla-test')
    expect(await statusOf({ path: `/images${path}`, method })).toBe(200)
  })
})

/** Until a number has not changed for a while. */
async function settled(value: () => number): Promise<void> {
  for (let before = -1; before !== value(); await delay(300)) before = value()
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of texts) yield Buffer.from(piece)
}

async function* breaking(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a part')
  throw new Error('the disk is gone')
}

async function* endless(onEnd = () => {}, onChunk = () => {}): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      onChunk()
      yield Buffer.alloc(64 * 1024)
    }
  } finally {
    onEnd()
  }
}
