/** `GET /flotilla/peers`, and the command that requests it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configSchema } from '../../../../src/core/config.ts'
import type { SwarmStatus } from '../../../../src/core/libp2p/status.ts'
import { silentLog } from '../../../../src/core/log.ts'
import { createApiRoute } from '../../../../src/node/http/api-route.ts'
import { createToken, removeOwnerFile, writeOwnerFile } from '../../../../src/node/owner-file.ts'
import { createStatusRoute } from '../../../../src/node/swarm/status-route.ts'
import { openTemporaryFolder, type TemporaryFolder } from '../../../support/temporary-folder.ts'

const MAIN = fileURLToPath(new URL('../../../../src/node/cli/main.ts', import.meta.url))

const STATUS: SwarmStatus = {
  id: '12D3KooWSelf',
  addresses: ['/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWSelf'],
  peers: [
    {
      id: '12D3KooWOther',
      isRegistry: true,
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

const TOKEN = createToken()

/** As it is told: with who tells what it has. */
const TOLD = { ...STATUS, peers: STATUS.peers.map((peer, index) => ({ ...peer, lists: index === 0 })) }

let status: SwarmStatus | undefined
let folder: TemporaryFolder
let server: Server
let host: string

beforeEach(async () => {
  status = STATUS
  folder = await openTemporaryFolder()
  const peerLists = async () => ({ areShared: async (peer: string) => peer === STATUS.peers[0]!.id })
  const handlers = createStatusRoute({ status: async () => status, peerLists })
  const config = configSchema.parse({ version: 0.1, storage: { inmemory: {} } })
  const route = createApiRoute({ handlers, token: TOKEN, config, log: silentLog })
  server = createServer((request, response) => {
    if (!route(request, response)) response.writeHead(418).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  await writeOwnerFile(folder.path, { url: `http://${host}`, token: TOKEN })
})

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await folder[Symbol.asyncDispose]()
})

describe('the route', () => {
  async function ask(more: Record<string, string> = {}, method = 'GET', path = '/flotilla/peers') {
    const headers = { authorization: `Bearer ${TOKEN}`, ...more }
    const asking = request(`http://${host}${path}`, { method, headers, agent: false }).end()
    const [response] = await once(asking, 'response')
    return { code: response.statusCode, headers: response.headers, body: await text(response) }
  }

  it.each<Record<string, string>>([
    {},
    { host: 'localhost:5000' },
    { host: '[::1]:5000' },
    { host: '127.0.0.5' },
    { authorization: `bearer  ${TOKEN} ` },
  ])('answers programs on this machine (%o)', async (headers) => {
    const { code, body } = await ask(headers)
    expect(code).toBe(200)
    expect(JSON.parse(body)).toEqual(TOLD)
  })

  it.each([
    { host: 'rebound.example' },
    { host: '127.0.0.1.rebound.example' },
    { host: '192.0.2.1' },
    { origin: 'http://localhost:5000' },
    { 'sec-fetch-site': 'cross-site' },
  ])('answers no web page (%o)', async (headers) => {
    expect((await ask(headers)).code).toBe(403)
  })

  it.each([
    { forwarded: 'for=203.0.113.9' },
    { 'x-forwarded-for': '203.0.113.9' },
    { 'x-forwarded-proto': 'https' },
    { 'x-forwarded-server': 'proxy' },
    { 'x-real-ip': '203.0.113.9' },
    { via: '1.1 proxy' },
    { referer: 'http://localhost:5000/' },
    { 'sec-fetch-dest': 'document' },
  ])('answers nobody through a proxy, nor a browser (%o)', async (headers) => {
    expect((await ask(headers)).code).toBe(403)
  })

  it.each([
    '',
    TOKEN,
    `Basic ${TOKEN}`,
    'Bearer',
    'Bearer ',
    `Bearer ${TOKEN.slice(1)}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN}, Bearer ${TOKEN}`,
  ])('answers nobody without its token (%s)', async (authorization) => {
    const { code, body, headers } = await ask({ authorization })
    expect(code).toBe(401)
    expect(headers['www-authenticate']).toBe('Bearer realm="owner"')
    expect(JSON.parse(body).errors[0].code).toBe('UNAUTHORIZED')
    expect(body).not.toContain(TOKEN)
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
    const child = spawn(process.execPath, [MAIN, 'peers', '--data', folder.path, ...args])
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    return { code, stdout, stderr }
  }

  it('shows who is connected, how, and what moved', async () => {
    expect(await run()).toEqual({
      code: 0,
      stderr: '',
      stdout: `This peer: 12D3KooWSelf
  /ip4/127.0.0.1/tcp/4001/p2p/12D3KooWSelf

PEER           TRANSPORT  DIRECTION  LATENCY  RECEIVED                       SENT         ADDRESS
12D3KooWOther  tcp        outbound   3 ms     http 118 MiB, stream 1.95 KiB  stream 12 B  /ip4/127.0.0.1/tcp/4002
12D3KooWNew    ws         inbound    -        -                              -            /ip4/127.0.0.1/tcp/4003/ws
`,
    })
  })

  it('gives JSON to programs', async () => {
    expect(JSON.parse((await run('--json')).stdout)).toEqual(TOLD)
  })

  it('shows that no peers are connected', async () => {
    status = { ...STATUS, peers: [] }
    expect((await run()).stdout).toContain('No peers.')
  })

  it('tells why it cannot', async () => {
    status = undefined
    expect(await run()).toMatchObject({
      code: 1,
      stderr: `flotilla: ${host}: this registry is in no swarm\n`,
    })
    server.close()
    server.closeAllConnections()
    expect(await run()).toMatchObject({
      code: 1,
      stderr: `flotilla: no registry answers on ${host}: connection refused; use --data to name the data folder of another one\n`,
    })
  })

  it('takes the address in its own option before that in the file', async () => {
    await writeOwnerFile(folder.path, { url: 'http://127.0.0.1:1', token: TOKEN })
    expect((await run('--addr', host)).stdout).toContain('This peer: 12D3KooWSelf')
  })

  it('says that no registry runs if there is no owner.json', async () => {
    await removeOwnerFile(folder.path)
    expect((await run()).stderr).toBe(
      `flotilla: no registry runs in ${folder.path}; use --data to name the data folder of another one\n`,
    )
  })

  it('says that the file tells of another registry', async () => {
    await writeOwnerFile(folder.path, { url: `http://${host}`, token: createToken() })
    expect((await run()).stderr).toBe(
      `flotilla: ${host}: only for the owner: the token is in owner.json of the data folder\n`,
    )
  })
})
