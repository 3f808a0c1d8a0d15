import { deleteDB } from 'idb'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import {
  readSettings,
  settingsSchema,
  watchSettings,
  websocketPeers,
  writeSettings,
} from '../../src/browser/settings.ts'
import { createRoutes } from '../../src/browser/swarm/routes.ts'
import { createApi } from '../../src/core/api/api.ts'
import type { RegistryRequest, RegistryResponse } from '../../src/core/http/message.ts'
import { silentLog } from '../../src/core/log.ts'

const ID = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const OTHER_ID = '12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE'
const SET = {
  budget: 1_000_000,
  peers: [`/ip4/127.0.0.1/tcp/4001/ws/p2p/${ID}`, '/dns4/registry.example/tcp/443/https'],
  trust: [ID],
  tagAge: 60_000,
}

beforeEach(() => deleteDB('flotilla-settings'))

describe('settings', () => {
  it('have defaults', async () => {
    expect(await readSettings()).toEqual({ budget: null, peers: [], trust: [], tagAge: 0 })
  })

  it('are stored, and watchers are notified', async () => {
    const onChange = vi.fn()
    const unwatch = watchSettings(onChange)
    await writeSettings(SET)
    await expect.poll(() => onChange.mock.calls.length).toBe(1)
    expect(await readSettings()).toEqual(SET)
    unwatch()
  })

  it('say which peers are connected by WebSocket', () => {
    const peers = ['ws', 'wss', 'tls/ws'].map((way) => `/dns4/registry.example/tcp/443/${way}/p2p/${ID}`)
    expect(websocketPeers({ peers: [...peers, ...SET.peers.slice(1)] })).toEqual(peers)
  })

  it.each([
    `/ip4/192.0.2.1/tcp/80/http`,
    `/ip6/::1/tcp/443/https/p2p/${ID}`,
    `/dns/registry.example/tcp/443/wss/p2p/${ID}`,
    `/dns6/registry.example/tcp/443/tls/ws/p2p/${ID}`,
  ])('take %s', (address) => {
    expect(settingsSchema.safeParse({ peers: [address] }).success).toBe(true)
  })

  it.each([
    '',
    'https://registry.example',
    '/ip4/192.0.2.1/tcp/80',
    `/ip4/192.0.2.1/tcp/4001/p2p/${ID}`,
    '/ip4/192.0.2.1/tcp/80/ws',
    `/ip4/192.0.2.1/tcp/80/ws/p2p/${ID}/p2p-circuit`,
    `/ip4/192.0.2.1 /tcp/80/ws/p2p/${ID}`,
  ])('do not take "%s"', (address) => {
    expect(settingsSchema.safeParse({ peers: [address] }).success).toBe(false)
  })
})

describe('the routes', () => {
  const peer = { sent: 0, received: 5 }
  const routes = createRoutes({
    tab: () => ({
      v: 1,
      type: 'status',
      id: 'self',
      isSettled: true,
      peers: [
        { ...peer, id: ID, addresses: ['/ip4/127.0.0.1/tcp/1/ws'] },
        { ...peer, id: OTHER_ID, addresses: ['/ip4/127.0.0.1/tcp/2/ws'] },
      ],
    }),
    http: () => ({
      server: { url: 'http://127.0.0.1:5000', state: 'connected', id: ID },
      stateOf: () => undefined,
      origin: { id: ID, url: 'http://127.0.0.1:5000' },
      peers: [
        {
          ...peer,
          id: ID,
          addresses: ['/ip4/127.0.0.1/tcp/5000/http'],
          registry: { url: 'http://127.0.0.1:5000', writable: true },
        },
      ],
    }),
    peerLists: async () => ({ areShared: async (peer) => peer === ID }),
  })
  const api = createApi(routes, { log: silentLog })
  const answer = (request: RegistryRequest) => api.answer(request, api.find(request.target))

  const ask = (method: string, target: string, body?: string) =>
    answer({
      method,
      target,
      origin: 'http://127.0.0.1',
      isOwn: () => false,
      header: () => undefined,
      body: body === undefined ? undefined : new Blob([body]).stream(),
    })

  const jsonOf = (response: RegistryResponse | undefined) =>
    JSON.parse(new TextDecoder().decode(response!.body![0] as Uint8Array))

  it('read and write the settings', async () => {
    const written = await ask('PUT', '/flotilla/settings', JSON.stringify(SET))
    expect(written?.status).toBe(200)
    expect(jsonOf(await ask('GET', '/flotilla/settings'))).toEqual(SET)
    expect(await readSettings()).toEqual(SET)
  })

  it.each([
    ['no JSON', '{', 400],
    ['what is unknown', '{"budgets":1}', 400],
    ['what is malformed', '{"peers":["here"]}', 400],
    ['what is too much', ' '.repeat(100_000), 413],
  ])('refuse %s', async (_, body, status) => {
    const refused = await ask('PUT', '/flotilla/settings', body)
    expect(refused?.status).toBe(status)
    expect(jsonOf(refused).errors).toHaveLength(1)
    expect(await readSettings()).toEqual({ budget: null, peers: [], trust: [], tagAge: 0 })
  })

  it('list each peer once', async () => {
    expect(jsonOf(await ask('GET', '/flotilla/peers'))).toEqual({
      id: 'self',
      origin: { id: ID, url: 'http://127.0.0.1:5000' },
      server: { url: 'http://127.0.0.1:5000', state: 'connected', id: ID },
      leader: true,
      addresses: [],
      peers: [
        {
          ...peer,
          id: ID,
          addresses: ['/ip4/127.0.0.1/tcp/5000/http'],
          protocol: 'http',
          registry: { url: 'http://127.0.0.1:5000', writable: true },
          lists: true,
          serves: true,
        },
        {
          ...peer,
          id: OTHER_ID,
          addresses: ['/ip4/127.0.0.1/tcp/2/ws'],
          protocol: 'websocket',
          lists: false,
        },
      ],
    })
  })

  it('exist only where they are bound, with their methods', async () => {
    expect((await ask('GET', '/flotilla/storage'))?.status).toBe(404)
    expect((await ask('POST', '/flotilla/peers'))?.status).toBe(405)
  })
})
