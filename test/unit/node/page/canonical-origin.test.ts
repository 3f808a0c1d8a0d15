/** Where people are redirected to, and what the page learns about other addresses. */

import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openCatalog } from '../../../../src/core/catalog/catalog.ts'
import { MAX_PAGE_ADDRESSES } from '../../../../src/core/catalog/page-addresses.ts'
import { configSchema } from '../../../../src/core/config.ts'
import { silentLog } from '../../../../src/core/log.ts'
import { welcome } from '../../../../src/node/cli/serve.ts'
import { createApiRoute } from '../../../../src/node/http/api-route.ts'
import { openHttpServer } from '../../../../src/node/http/server.ts'
import { createCanonicalOrigin } from '../../../../src/node/page/canonical-origin.ts'
import { createPage } from '../../../../src/node/page/page.ts'
import { createPageAddresses } from '../../../../src/node/page/page-addresses.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'

const BROWSER = { accept: 'text/html', connection: 'keep-alive', 'sec-fetch-dest': 'document' }
const PROXY = { accept: 'text/html', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'registry.example' }

/** A registry with a page; `PORT` in headers and answers stands for its port. */
async function open(http: object = {}, storage: object = {}) {
  const folder = await openTemporaryFolder()
  await mkdir(join(folder.path, 'page'))
  await writeFile(join(folder.path, 'page', 'index.html'), '<title>Flotilla</title>')
  const database = await openSqliteInMemory()
  const catalog = await openCatalog(database)
  const config = configSchema.parse({
    version: 0.1,
    log: { accesslog: { disabled: true } },
    storage: { inmemory: {}, ...storage },
    http: { addr: '127.0.0.1:0', ...http },
  })
  const canonicalOrigin = createCanonicalOrigin(config.http)
  const registry = async () => ({ status: 404, headers: {} })
  const handlers = createPageAddresses({ catalog, canonicalOrigin, config })
  const routes = [createApiRoute({ handlers, config, log: silentLog })]
  const page = createPage(join(folder.path, 'page'), {
    prefix: config.http.prefix,
    canonicalOrigin,
  })
  const server = await openHttpServer(registry, config, silentLog, { routes, page })
  const { hostname, port } = new URL(server.url)
  onTestFinished(async () => {
    await server.close()
    await database.close()
    await folder[Symbol.asyncDispose]()
  })

  async function ask(path: string, given: Record<string, string> = {}, method = 'GET') {
    const headers = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value.replace('PORT', port)]),
    )
    const asking = request({ hostname, port, path, method, headers, agent: false }).end()
    const [response] = await once(asking, 'response')
    const body = await text(response)
    const location = response.headers.location?.replaceAll(port, 'PORT')
    return { status: response.statusCode, location, body: body.replaceAll(port, 'PORT') }
  }
  const tell = async (host: string, images: boolean, more: Record<string, string> = {}) => {
    const headers = { host, 'sec-fetch-site': 'same-origin', ...more }
    const { status, body } = await ask(`/flotilla/page-address?images=${images}`, headers, 'POST')
    return status === 200 ? JSON.parse(body) : status
  }
  return { ask, tell }
}

const LOCAL = '127.0.0.1:PORT'
const SENT = 'http://localhost:PORT/r/a:1?platform=linux%2Famd64&from=http%3A%2F%2F127.0.0.1%3APORT'

describe('people are redirected to the canonical origin', () => {
  it.each<[string, object, string, Record<string, string>, string]>([
    ['from a loopback address', {}, '/r/a:1?platform=linux/amd64', { host: LOCAL, ...BROWSER }, SENT],
    [
      'from IPv6',
      { addr: '0.0.0.0:0' },
      '/',
      { host: '[::1]:PORT', ...BROWSER },
      'http://localhost:PORT/?from=http%3A%2F%2F%5B%3A%3A1%5D%3APORT',
    ],
    [
      'behind a mapped port',
      {},
      '/',
      { host: '127.0.0.1:8080', ...BROWSER },
      'http://localhost:8080/?from=http%3A%2F%2F127.0.0.1%3A8080',
    ],
    [
      'that is configured',
      { host: 'https://registry.example' },
      '/',
      { host: 'localhost:PORT', ...BROWSER },
      'https://registry.example/?from=http%3A%2F%2Flocalhost%3APORT',
    ],
    [
      'from another configured name, behind a proxy',
      { host: 'https://registry.example', hosts: ['images.example', 'flotilla'] },
      '/',
      { ...PROXY, host: 'flotilla', 'x-forwarded-host': 'images.example' },
      'https://registry.example/?from=https%3A%2F%2Fimages.example',
    ],
  ])('%s', async (_, http, path, headers, location) => {
    const { ask } = await open(http)
    expect(await ask(path, headers)).toMatchObject({ status: 307, location })
  })

  const stay: [string, object, string, Record<string, string>][] = [
    ['at it already', {}, '/', { ...BROWSER, host: 'localhost:PORT' }],
    ['wants to stay', {}, '/?stay', { ...BROWSER, host: LOCAL }],
    ['was sent on once', {}, '/?from=x', { ...BROWSER, host: LOCAL }],
    ['is a program', {}, '/', { host: LOCAL, connection: 'keep-alive' }],
    ['comes by a proxy that does not say so', {}, '/', { host: LOCAL, accept: 'text/html' }],
    ['comes by a proxy', {}, '/', { ...PROXY, host: LOCAL }],
    ['comes by the configured name', { host: 'https://registry.example' }, '/', { ...PROXY, host: LOCAL }],
    ['comes over the network', { addr: '0.0.0.0:0' }, '/', { ...BROWSER, host: '192.0.2.1:PORT' }],
    ['comes by a name of the LAN', { hosts: ['nas.lan'] }, '/', { ...BROWSER, host: 'nas.lan:PORT' }],
    [
      'is at a better address than the configured one',
      { host: 'http://nas.lan' },
      '/',
      { ...BROWSER, host: 'localhost:PORT' },
    ],
    ['is embedded', {}, '/', { ...BROWSER, host: LOCAL, 'sec-fetch-dest': 'iframe' }],
  ]
  it.each(stay)('but not who %s', async (_, http, path, headers) => {
    const { ask } = await open(http)
    expect(await ask(path, headers)).toMatchObject({ status: 200 })
  })

  it('and neither are requests for the registry, nor the way to reset it', async () => {
    const { ask } = await open()
    for (const path of ['/v2/', '/v2/a/manifests/1', '/flotilla/reset'])
      expect((await ask(path, { ...BROWSER, host: LOCAL })).status).toBe(404)
  })
})

describe('a page', () => {
  it('learns of addresses at which images are stored, as long as they are', async () => {
    const { tell } = await open()
    const address = 'http://localhost:PORT'
    expect(await tell(LOCAL, true)).toEqual({ address, others: [] })
    expect(await tell('localhost:PORT', false)).toEqual({ address, others: ['http://127.0.0.1:PORT'] })
    await tell(LOCAL, false)
    expect(await tell('localhost:PORT', false)).toEqual({ address, others: [] })
  })

  it('does not learn of addresses that a program makes up', async () => {
    const { tell } = await open({ hosts: ['registry.example'] })
    const strange = [
      await tell('192.0.2.1:PORT', true),
      await tell(LOCAL, true, { 'x-forwarded-host': 'evil.example' }),
      await tell(LOCAL, true, { 'x-forwarded-host': '6.6.6.6' }),
    ]
    expect(strange).toEqual([400, 400, 400])
    await tell('127.0.0.1:1', true)
    await tell(LOCAL, true, { 'x-forwarded-proto': 'https' })
    expect((await tell('localhost:PORT', false)).others).toEqual([])
  })

  it('learns of a limited number', async () => {
    const { tell } = await open()
    for (let last = 1; last <= MAX_PAGE_ADDRESSES + 4; last++) await tell(`127.0.0.${last}:PORT`, true)
    expect((await tell('localhost:PORT', false)).others).toHaveLength(MAX_PAGE_ADDRESSES)
  })

  it.each<Record<string, string>>([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'http://localhost:1' },
  ])('of another origin says nothing here: %o', async (headers) => {
    const { tell } = await open()
    expect(await tell('localhost:PORT', true, headers)).toBe(403)
  })

  it('changes nothing in a registry that is read-only', async () => {
    const { tell } = await open({}, { maintenance: { readonly: { enabled: true } } })
    await tell(LOCAL, true)
    expect((await tell('localhost:PORT', false)).others).toEqual([])
  })
})

it('prints the canonical origin at its start, whatever it listens on', () => {
  const page = 'http://localhost:5000/'
  for (const url of ['http://127.0.0.1:5000', 'http://0.0.0.0:5000', 'http://[::1]:5000']) {
    const [, listening, ...rest] = welcome({ version: '1', url, data: 'data', page }).split('\n')
    expect(listening).toBe(`listening on ${url}`)
    expect(rest.join('\n').match(/[\w.[\]:]+:5000/g)).toEqual(
      Array(4).fill(expect.stringMatching(/localhost:5000$/)),
    )
  }
})
