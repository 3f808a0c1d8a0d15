/** The browser's HTTP network against Node's peer endpoint. */

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpNetwork, type HttpNetwork } from '../../../../../src/browser/swarm/http/network.ts'
import { httpAddressOf } from '../../../../../src/browser/swarm/http/probe.ts'
import { verify } from '../../../../../src/browser/swarm/verify.ts'
import { configSchema } from '../../../../../src/core/config.ts'
import { silentLog } from '../../../../../src/core/log.ts'
import type { Digest } from '../../../../../src/core/oci/digest.ts'
import { requestSlot } from '../../../../../src/core/swarm/download/request-slot.ts'
import type { Network, PeerId } from '../../../../../src/core/swarm/ports.ts'
import { newNonce } from '../../../../../src/core/swarm/protocol/nonce.ts'
import { peerStatement, signStatement } from '../../../../../src/core/swarm/protocol/statements.ts'
import type { RequestHandler } from '../../../../../src/core/swarm/serve/handler.ts'
import { createApiRoute } from '../../../../../src/node/http/api-route.ts'
import { createPeerEndpoint } from '../../../../../src/node/http/peer-endpoint.ts'
import { openHttpServer } from '../../../../../src/node/http/server.ts'
import { describeNetwork, type OpenedNetworks } from '../../../../contract/network.ts'

const MIB = 1024 * 1024
const DIGEST = `sha256:${'5e'.repeat(32)}` as Digest

const keys = await Promise.all(Array.from({ length: 8 }, () => generateKeyPair('Ed25519')))

const idOf = (number: number): PeerId => peerIdFromPrivateKey(keys[number]!).toString()

/** The introduction of the peer with this number, or of one without its key. */
async function introduction(target: string, id = idOf(0), key = keys[0]!): Promise<string> {
  const nonce = new URL(target, 'http://peer').searchParams.get('nonce')!
  const signature = await signStatement(
    { self: id, sign: async (bytes) => key.sign(bytes) },
    peerStatement(nonce),
  )
  return JSON.stringify({ id, addresses: [], signature })
}

interface Member {
  readonly id: PeerId
  readonly url: string
  answer: RequestHandler
  close(): Promise<void>
}

async function openMember(number: number): Promise<Member> {
  const config = configSchema.parse({
    version: 0.1,
    log: { accesslog: { disabled: true } },
    storage: { inmemory: {} },
    http: { addr: '127.0.0.1:0' },
  })
  const registry = async () => ({ status: 404, headers: {} })
  const member = { id: idOf(number), answer: (async () => ({ value: null })) as RequestHandler }
  const peer = {
    id: member.id,
    addresses: () => [],
    // A requester by HTTP has no id; this suite has only one.
    answer: ((request, _, options) => member.answer(request, '', options)) as RequestHandler,
    sign: async (bytes: Uint8Array) => keys[number]!.sign(bytes),
    onSent() {},
  }
  const handlers = createPeerEndpoint({ config, peer: () => peer })
  const asking = createApiRoute({ handlers, config, log: silentLog })
  const { url, close } = await openHttpServer(registry, config, silentLog, { routes: [asking] })
  return Object.assign(member, { url, close })
}

const multiaddrOf = (url: string): string => `/ip4/127.0.0.1/tcp/${new URL(url).port}/http`

/** The first sends requests to the others; the second serves the page. */
async function openHttpNetworks(count: number): Promise<OpenedNetworks> {
  const members = await Promise.all(Array.from({ length: count - 1 }, (_, number) => openMember(number)))
  const [origin = { url: 'http://127.0.0.1:1' }, ...others] = members
  const settings = async () => ({ peers: others.map(({ url }) => multiaddrOf(url)) })
  const asking = createHttpNetwork({ origin: origin.url, settings, log: silentLog })
  await asking.refresh({ signal: AbortSignal.timeout(10_000) })
  const ids = ['', ...members.map(({ id }) => id)]
  const answering = members.map(({ id }) => ({ self: id, peers: () => ids.filter((other) => other !== id) }))
  const memberOf = (peer: Network) => members.find(({ id }) => id === peer.self)!
  return {
    networks: [asking, ...(answering as unknown as Network[])],
    answerWith(peer, answer) {
      memberOf(peer).answer = answer
    },
    leave: (peer) => memberOf(peer).close(),
    async close() {
      asking.close()
      await Promise.allSettled(members.map(({ close }) => close()))
    },
  }
}

describeNetwork('the HTTP network of a browser', openHttpNetworks, { asksOnly: true })

const opened: (() => unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

/** A server with any response to `POST /flotilla/ask` and any introduction. */
async function openStranger(answer: RequestListener, introduce = introduction): Promise<string> {
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') answer(request, response)
    else response.end(await introduce(request.url!))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  opened.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A peer that is away at first. Its port is bound from the beginning, so that nobody else takes it. */
async function openAbsent(): Promise<{ url: string; come(): void }> {
  let isThere = false
  const server = createServer(async (request, response) => {
    if (isThere) response.end(await introduction(request.url!))
    else response.destroy()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  opened.push(() => server.close())
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    come() {
      isThere = true
    },
  }
}

async function openNetwork(origin: string, peers: readonly string[] = []): Promise<HttpNetwork> {
  const network = createHttpNetwork({ origin, settings: async () => ({ peers }), log: silentLog })
  opened.push(network.close)
  await network.refresh({ signal: AbortSignal.timeout(10_000) })
  return network
}

const ask = (network: Network, request: unknown = {}) =>
  network.request(idOf(0), request, { signal: AbortSignal.timeout(10_000) })

describe('a hostile peer', () => {
  it.each<[string, RequestListener]>([
    ['refuses', (_, response) => response.writeHead(503).end('no')],
    ['sends nothing', (_, response) => response.end()],
    ['sends no frame', (_, response) => response.end('<!doctype html>')],
    ['sends no answer', (_, response) => response.end(Buffer.from('\x02{}'))],
    ['sends a frame without end', (_, response) => response.end(Buffer.alloc(100, 0xff))],
    ['promises a frame that is too long', (_, response) => response.end(Buffer.of(0xff, 0xff, 0xff, 0x7f))],
    ['breaks off in the frame', (_, response) => response.end(Buffer.from('\x20{"ok":'))],
    ['breaks off before the frame', (request) => request.socket.destroy()],
    [
      'sends us elsewhere',
      (_, response) => response.writeHead(307, { Location: 'http://127.0.0.1:9/' }).end(),
    ],
  ])('that %s fails, and is not to blame for more', async (_, answer) => {
    const network = await openNetwork(await openStranger(answer))
    await expect(ask(network)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('may break off during its bytes', async () => {
    const url = await openStranger((_, response) => {
      response.writeHead(200, { 'Content-Length': '1000' })
      response.write(Buffer.from('\x0b{"ok":null}and then'), () => response.destroy())
    })
    const { bytes } = await ask(await openNetwork(url))
    await expect(Array.fromAsync(bytes)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('may send slowly: bytes are returned before a leaf is complete', async () => {
    const url = await openStranger((_, response) => {
      response.write(Buffer.from('\x0b{"ok":null}'))
      const timer = setInterval(() => response.write('x'.repeat(10)), 50)
      response.once('close', () => clearInterval(timer))
    })
    const { bytes } = await ask(await openNetwork(url))
    for await (const chunk of bytes) {
      expect(chunk.byteLength).toBeLessThan(MIB)
      break
    }
  })

  it.each(['no id', '', '0OIl'.repeat(13), '12D3KooW/../../'])('has no id like %o', async (id) => {
    const url = await openStranger(
      () => {},
      (target) => introduction(target, id),
    )
    expect((await openNetwork(url)).peers()).toEqual([])
  })

  it.each<[string, (target: string) => Promise<string>]>([
    ['with a key that is not that of the id', (target) => introduction(target, idOf(0), keys[1])],
    ['with a proof that it gave another time', () => introduction(`/?nonce=${newNonce()}`)],
    ['without a proof', async () => JSON.stringify({ id: idOf(0), addresses: [] })],
    [
      'with what is no signature',
      async () => JSON.stringify({ id: idOf(0), addresses: [], signature: '%%%' }),
    ],
  ])('is not whom it claims to be: %s', async (_, introduce) => {
    const url = await openStranger(() => {}, introduce)
    expect((await openNetwork(url)).peers()).toEqual([])
    expect((await openNetwork('http://127.0.0.1:1', [`${multiaddrOf(url)}/p2p/${idOf(0)}`])).known).toEqual(
      [],
    )
  })
})

describe('bytes', () => {
  it('come leaf by leaf, each in its own buffer', async () => {
    const size = 2.5 * MIB
    const url = await openStranger((_, response) => {
      response.writeHead(200, { 'Content-Length': String(12 + size) })
      response.write(Buffer.from('\x0b{"ok":null}'))
      response.end(Buffer.alloc(size, 'x'))
    })
    const { bytes } = await ask(await openNetwork(url))
    const chunks = await Array.fromAsync(bytes)
    expect(chunks.map(({ byteLength }) => byteLength)).toEqual([MIB, MIB, size - 2 * MIB])
    expect(chunks.map(({ buffer }) => buffer.byteLength)).toEqual([MIB, MIB, size - 2 * MIB])
  })

  it('are counted', async () => {
    const url = await openStranger((_, response) => response.end(Buffer.from('\x0b{"ok":null}bytes')))
    const network = await openNetwork(url)
    await Array.fromAsync((await ask(network)).bytes)
    expect(network.known).toMatchObject([{ id: idOf(0), url, received: 5 }])
  })
})

describe('peers', () => {
  it('are the origin, and those that the settings name', async () => {
    const [one, two] = await Promise.all([openMember(0), openMember(1)])
    opened.push(one.close, two.close)
    const network = await openNetwork(one.url, [multiaddrOf(two.url), '/ip4/127.0.0.1/tcp/9/ws/p2p/12D3'])
    expect(network.peers()).toEqual([one.id, two.id])
    expect(network.origin).toMatchObject({ id: one.id, url: one.url })
  })

  it('can be required to have an id', async () => {
    const [one, two] = await Promise.all([openMember(0), openMember(1)])
    opened.push(one.close, two.close)
    const network = await openNetwork('http://127.0.0.1:1', [
      `${multiaddrOf(one.url)}/p2p/${one.id}`,
      `${multiaddrOf(two.url)}/p2p/${one.id}`,
    ])
    expect(network.known).toMatchObject([{ id: one.id, url: one.url }])
    expect(network.origin).toBeUndefined()
  })

  it('that come later are found', async () => {
    const { url, come } = await openAbsent()
    const network = await openNetwork(url)
    expect(network.peers()).toEqual([])
    come()
    await network.refresh({ signal: AbortSignal.timeout(10_000) })
    expect(network.peers()).toEqual([idOf(0)])
  })

  it('that were away are probed again by a lookup that finds no provider', async () => {
    const { url, come } = await openAbsent()
    const network = await openNetwork(url)
    come()
    const found: PeerId[] = []
    while (found.length === 0) {
      expect(network.peers()).toEqual([])
      const finding = network.findProviders(DIGEST, { signal: AbortSignal.timeout(1000) })
      for await (const peer of finding) found.push(peer)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(found).toEqual([idOf(0)])
    expect(network.peers()).toEqual([idOf(0)])
  })
})

describe('a slot', () => {
  it('is granted without an open connection', async () => {
    const member = await openMember(0)
    opened.push(member.close)
    const asked: unknown[] = []
    member.answer = async (request) => {
      asked.push(request)
      return { value: { offers: [{ size: 5 * MIB + 1 }] } }
    }
    const network = await openNetwork(member.url)
    const control = new AbortController()
    const { offer, instead, counts } = await requestSlot(network, member.id, DIGEST, control.signal)
    expect({ offer, instead }).toEqual({ offer: { size: 5 * MIB + 1 }, instead: [] })
    expect(asked).toEqual([{ ask: 'have', digests: [DIGEST] }])
    const heard: number[] = []
    const hearing = (async () => {
      for await (const count of counts) {
        heard.push(count)
        setTimeout(() => control.abort(new Error('the transfer is over')), 50)
      }
    })()
    await expect(hearing).rejects.toThrow('the transfer is over')
    expect(heard).toEqual([6])
  })
})

describe('a multiaddr', () => {
  it.each([
    ['/dns4/peer.example/tcp/443/https', { url: 'https://peer.example', id: undefined }],
    ['/ip4/192.0.2.1/tcp/5000/http', { url: 'http://192.0.2.1:5000', id: undefined }],
    ['/ip6/2001:db8::1/tcp/5000/http/p2p/12D3KooW', { url: 'http://[2001:db8::1]:5000', id: '12D3KooW' }],
    ['/dns/peer.example/tcp/80/ws', undefined],
    ['/dns4/peer example/tcp/80/http', undefined],
    ['/dns4/peer.example/tcp/99999/http', undefined],
    ['/dns4/user@peer.example/tcp/80/http', undefined],
  ])('%s is asked at the URL it names', (multiaddr, address) => {
    expect(httpAddressOf(multiaddr)).toEqual(address)
  })
})

describe('verify', () => {
  const bytes = Uint8Array.of(1, 2, 3)

  it('accepts the signature of a peer by its id', async () => {
    const [key, other] = await Promise.all([generateKeyPair('Ed25519'), generateKeyPair('Ed25519')])
    const [id, otherId] = [key, other].map((key) => peerIdFromPrivateKey(key).toString()) as [string, string]
    const signature = await key.sign(bytes)
    expect(await verify(id, bytes, signature)).toBe(true)
    expect(await verify(otherId, bytes, signature)).toBe(false)
    expect(await verify(id, Uint8Array.of(1, 2, 4), signature)).toBe(false)
    expect(await verify(id, bytes, signature.subarray(1))).toBe(false)
    expect(await verify(id, bytes, new Uint8Array())).toBe(false)
  })

  it('rejects other types of keys, and invalid ones', async () => {
    const key = await generateKeyPair('secp256k1')
    const id = peerIdFromPrivateKey(key).toString()
    expect(await verify(id, bytes, await key.sign(bytes))).toBe(false)
    for (const nobody of ['', 'nobody', '0OIl', '1', idOf(0).slice(1)])
      expect(await verify(nobody, bytes, new Uint8Array(64))).toBe(false)
  })
})
