/** `GET /flotilla/peers`, and the command that asks it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SwarmStatus } from '../../src/core/libp2p/status.ts'
import { createStatusRoute } from '../../src/node/swarm/status-route.ts'

const MAIN = fileURLToPath(new URL('../../src/node/cli/main.ts', import.meta.url))

const STATUS: SwarmStatus = {
  id: '12D3KooWSelf',
  addresses: ['/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWSelf'],
  peers: [
    {
      id: '12D3KooWOther',
      addresses: ['/ip4/127.0.0.1/tcp/4002'],
      direction: 'outbound',
      transport: 'tcp',
      latency: 3,
      moved: { http: { received: 123_456_789, sent: 0 }, stream: { received: 2000, sent: 12 } },
    },
    {
      id: '12D3KooWNew',
      addresses: ['/ip4/127.0.0.1/tcp/4003/ws'],
      direction: 'inbound',
      transport: 'ws',
      moved: {},
    },
  ],
}

let status: SwarmStatus | undefined
let server: Server
let host: string

beforeEach(async () => {
  status = STATUS
  const route = createStatusRoute(async () => status)
  server = createServer((request, response) => {
    if (!route(request, response)) response.writeHead(418).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

describe('the route', () => {
  async function ask(headers: Record<string, string> = {}, method = 'GET', path = '/flotilla/peers') {
    const asking = request(`http://${host}${path}`, { method, headers, agent: false }).end()
    const [response] = await once(asking, 'response')
    return { code: response.statusCode, body: await text(response) }
  }

  it.each([{}, { host: 'localhost:5000' }, { host: '[::1]:5000' }, { host: '127.0.0.5' }])(
    'answers programs on this machine (%o)',
    async (headers) => {
      const { code, body } = await ask(headers)
      expect(code).toBe(200)
      expect(JSON.parse(body)).toEqual(STATUS)
    },
  )

  it.each([
    { host: 'rebound.example' },
    { host: '127.0.0.1.rebound.example' },
    { host: '192.0.2.1' },
    { origin: 'http://localhost:5000' },
    { 'sec-fetch-site': 'cross-site' },
  ])('answers no web page (%o)', async (headers) => {
    expect((await ask(headers)).code).toBe(403)
  })

  it('only reads', async () => {
    expect((await ask({}, 'POST')).code).toBe(405)
  })

  it('leaves other paths to others', async () => {
    expect((await ask({}, 'GET', '/v2/')).code).toBe(418)
    expect((await ask({}, 'GET', '/flotilla/peers/')).code).toBe(418)
  })

  it('says that there is no swarm', async () => {
    status = undefined
    expect((await ask()).code).toBe(503)
  })
})

describe('flotilla peers', () => {
  async function run(...args: string[]) {
    const child = spawn(process.execPath, [MAIN, 'peers', ...args])
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    return { code, stdout, stderr }
  }

  it('shows who is connected, how, and what moved', async () => {
    expect(await run('--addr', host)).toEqual({
      code: 0,
      stderr: '',
      stdout: `This peer: 12D3KooWSelf
  /ip4/127.0.0.1/tcp/4001/p2p/12D3KooWSelf

PEER           TRANSPORT  DIRECTION  LATENCY  RECEIVED                    SENT         ADDRESS
12D3KooWOther  tcp        outbound   3 ms     http 123.5 MB, stream 2 kB  stream 12 B  /ip4/127.0.0.1/tcp/4002
12D3KooWNew    ws         inbound    -        -                           -            /ip4/127.0.0.1/tcp/4003/ws
`,
    })
  })

  it('gives JSON to programs', async () => {
    expect(JSON.parse((await run('--json', '--addr', host)).stdout)).toEqual(STATUS)
  })

  it('shows that nobody is connected', async () => {
    status = { ...STATUS, peers: [] }
    expect((await run('--addr', host)).stdout).toContain('No peers.')
  })

  it('tells why it cannot', async () => {
    status = undefined
    expect(await run('--addr', host)).toMatchObject({
      code: 1,
      stderr: `flotilla: ${host}: this registry is in no swarm\n`,
    })
    server.close()
    server.closeAllConnections()
    expect(await run('--addr', host)).toMatchObject({
      code: 1,
      stderr: `flotilla: no registry answers on ${host}; --addr names another one\n`,
    })
  })
})
