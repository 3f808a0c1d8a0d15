/** The web page as the HTTP server serves it. */
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Config, configSchema } from '../../../../src/core/config.ts'
import { silentLog } from '../../../../src/core/log.ts'
import { type HttpServer, openHttpServer } from '../../../../src/node/http/server.ts'
import { createPage } from '../../../../src/node/page/page.ts'
import { openTemporaryFolder, type TemporaryFolder } from '../../../support/temporary-folder.ts'

const FILES = {
  'index.html': '<title>Flotilla</title>',
  'sw.js': 'addEventListener("fetch", () => {})',
  'manifest.webmanifest': '{}',
  'assets/page-Bx3kq1.js': 'export {}',
  'assets/sqlite-C0ffee.wasm': '\0asm',
  'flotilla/reset.html': '<title>Reset</title>',
}

let folder: TemporaryFolder
let page: string
let server: HttpServer

beforeEach(async () => {
  folder = await openTemporaryFolder()
  page = join(folder.path, 'page')
  await mkdir(join(page, 'assets'), { recursive: true })
  await mkdir(join(page, 'flotilla'))
  for (const [name, content] of Object.entries(FILES)) await writeFile(join(page, name), content)
  await writeFile(join(folder.path, 'secret.txt'), 'secret')
  await open()
})

afterEach(async () => {
  await server.close()
  await folder[Symbol.asyncDispose]()
})

async function open(http: object = {}): Promise<void> {
  const config: Config = configSchema.parse({
    version: 0.1,
    log: { accesslog: { disabled: true } },
    storage: { inmemory: {} },
    http: { addr: '127.0.0.1:0', ...http },
  })
  const registry = async () => ({ status: 404, headers: { 'Flotilla-Test': 'registry' } })
  server = await openHttpServer(registry, config, silentLog, {
    page: createPage(page, { prefix: config.http.prefix, isIsolated: config.http.page.isolated }),
  })
}

async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { hostname, port } = new URL(server.url)
  const asking = request({ hostname, port, path, method, headers, agent: false }).end()
  const [response] = await once(asking, 'response')
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

const HTML = { accept: 'text/html,application/xhtml+xml' }
const REGISTRY = { status: 404, headers: { 'flotilla-test': 'registry' } }

describe('the page', () => {
  it('is at the root, for browsers and for health checks', async () => {
    expect(await get('/', HTML)).toMatchObject({ status: 200, body: FILES['index.html'] })
    expect(await get('/')).toMatchObject({ status: 200, body: FILES['index.html'] })
    expect(await get('/', {}, 'HEAD')).toMatchObject({ status: 200, body: '' })
  })

  it.each([
    ['/', 'text/html;charset=utf-8', 'no-cache'],
    ['/sw.js', 'text/javascript', 'no-cache'],
    ['/manifest.webmanifest', 'application/manifest+json', 'no-cache'],
    ['/assets/page-Bx3kq1.js', 'text/javascript', 'public, max-age=31536000, immutable'],
    ['/assets/sqlite-C0ffee.wasm', 'application/wasm', 'public, max-age=31536000, immutable'],
    ['/flotilla/reset', 'text/html;charset=utf-8', 'no-cache'],
  ])('gives %s as %s, to be kept as %s', async (path, type, caching) => {
    const { status, headers } = await get(path)
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': type,
      'cache-control': caching,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'content-security-policy': expect.stringMatching(/wasm-unsafe-eval.*frame-ancestors 'none'/),
    })
  })

  it('lets its service worker answer for all of the origin', async () => {
    expect((await get('/sw.js')).headers['service-worker-allowed']).toBe('/')
  })

  it('is not sent again if the browser has it', async () => {
    const { headers } = await get('/sw.js')
    expect((await get('/sw.js', { 'if-none-match': headers.etag as string })).status).toBe(304)
  })

  it('stands in for paths that only the page knows', async () => {
    expect(await get('/images/library/alpine', HTML)).toMatchObject({
      status: 200,
      body: FILES['index.html'],
    })
    expect(await get('/images/library/alpine', HTML, 'HEAD')).toMatchObject({ status: 200, body: '' })
  })

  it.each(['/v2/', '/v2', '/v2/_catalog', '/flotilla/nothing', '/flotilla'])(
    'does not stand in for %s',
    async (path) => {
      expect(await get(path, HTML)).toMatchObject(REGISTRY)
    },
  )

  it('does not stand in for files, nor take what changes something', async () => {
    expect(await get('/assets/gone-0.js')).toMatchObject(REGISTRY)
    expect(await get('/', HTML, 'POST')).toMatchObject(REGISTRY)
    expect(await get('/sw.js', HTML, 'DELETE')).toMatchObject(REGISTRY)
  })

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '//',
    '/%',
    '/%00',
  ])('keeps to its folder (%s)', async (path) => {
    const { status, body } = await get(path)
    expect([200, 404]).toContain(status)
    expect(body).not.toContain('secret')
  })

  it.each(['bytes=5-2', 'bytes=9999-', 'bytes=-', 'bytes=a-b', 'bytes=0-1,3-4'])(
    'gives the whole to whoever asks for a part (%s)',
    async (range) => {
      expect(await get('/sw.js', { range })).toMatchObject({ status: 200, body: FILES['sw.js'] })
    },
  )

  it('is taken as it is after a new build', async () => {
    await get('/')
    await writeFile(join(page, 'index.html'), '<title>Newer</title>')
    expect((await get('/')).body).toBe('<title>Newer</title>')
    await rm(page, { recursive: true })
    expect(await get('/index.html', HTML)).toMatchObject(REGISTRY)
  })

  it('lies under the prefix', async () => {
    await server.close()
    await open({ prefix: '/images/' })
    expect((await get('/images/')).body).toBe(FILES['index.html'])
    expect((await get('/images/sw.js')).headers['service-worker-allowed']).toBe('/images/')
    expect(await get('/images/v2/', HTML)).toMatchObject(REGISTRY)
    expect(await get('/sw.js', HTML)).toMatchObject(REGISTRY)
    expect(await get('/', HTML)).toMatchObject({ status: 200, body: '' })
  })
})
