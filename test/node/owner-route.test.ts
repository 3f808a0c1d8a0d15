import { request as send } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { configSchema } from '../../src/core/config.ts'
import { silentLog } from '../../src/core/log.ts'
import { openServer } from '../../src/node/server.ts'

async function open(): Promise<URL> {
  const config = configSchema.parse({
    version: 0.1,
    storage: { inmemory: {} },
    http: { addr: '127.0.0.1:0' },
    log: { accesslog: { disabled: true } },
    swarm: { enabled: false, cache: { budget: '1KiB' } },
  })
  const server = await openServer({ config, log: silentLog })
  onTestFinished(() => server.close())
  return new URL(server.url)
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** Node's own request: fetch would not send a Host of another name. */
function ask(url: URL, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = send(new URL(path, url), { method, headers }, async (response) => {
      const body = (await response.toArray()).join('')
      resolve({ status: response.statusCode!, body })
    })
    request.once('error', reject).end()
  })
}

it('answers programs on this machine, with the budget of the configuration', async () => {
  const { status, body } = await ask(await open(), '/flotilla/storage')
  expect([status, JSON.parse(body).budget]).toEqual([200, 1024])
})

it('takes changes from them', async () => {
  expect((await ask(await open(), '/flotilla/evict', {}, 'POST')).body).toBe('{"freed":0}')
})

it.each<[string, Record<string, string>]>([
  ['a web page', { origin: 'http://127.0.0.1' }],
  ['a web page that only reads', { 'sec-fetch-site': 'none' }],
  ['another name for this machine', { host: 'rebound.example' }],
])('answers nobody else: %s', async (_, headers) => {
  const { status, body } = await ask(await open(), '/flotilla/storage', headers)
  expect([status, JSON.parse(body).errors[0].code]).toEqual([403, 'DENIED'])
})
