/**
 * Who: any remote program, where a proxy on the same machine is in front of the registry and replaces `Host`, as
 * nginx and Apache do by default: every client then comes from 127.0.0.1. Also a local user who is not the owner.
 * Tries: to see what is stored and who the peers are, to release what is kept, to have it evicted.
 * Gets: 401 if the proxy says nothing about them, 403 if it does, even with a token that leaked.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownerFileIn } from '../../../../src/node/owner-file.ts'
import { digestOf } from '../../../support/digest.ts'
import { askAsOwner, ownerHeaders } from '../../../support/owner.ts'
import { type RegistryProcess, startRegistry } from '../../../support/registry-process.ts'

const CALLS: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/flotilla/storage'],
  ['GET', '/flotilla/images?repository=a'],
  ['GET', `/flotilla/blobs/${digestOf('')}`],
  ['GET', '/flotilla/peers'],
  ['PUT', `/flotilla/kept/a/${digestOf('')}`],
  ['DELETE', `/flotilla/kept/a/${digestOf('')}`],
  ['POST', '/flotilla/evict'],
]

/** What each adds in requests to `proxy_pass http://127.0.0.1:5000` and the like. */
const PROXIES: Readonly<Record<string, IncomingHttpHeaders>> = {
  nginx: { connection: 'close' },
  'nginx as many configure it': { 'x-real-ip': '203.0.113.9', 'x-forwarded-for': '203.0.113.9' },
  Apache: {
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-host': 'registry.example',
    'x-forwarded-server': 'registry.example',
  },
  HAProxy: { 'x-forwarded-for': '203.0.113.9' },
  'a proxy by the book': { forwarded: 'for=203.0.113.9;proto=https', via: '1.1 proxy' },
}

const opened = new AsyncDisposableStack()
let registry: RegistryProcess

beforeAll(async () => {
  registry = opened.use(await startRegistry({ swarm: [] }))
})

afterAll(() => opened.disposeAsync())

/** As the last hop of a proxy would, which has put its own name there. */
async function openProxy(added: IncomingHttpHeaders): Promise<AsyncDisposable & { readonly url: string }> {
  const { host, hostname, port } = new URL(registry.url)
  const server = createServer((asked, answer) => {
    const headers = { ...asked.headers, host, ...added }
    const onward = request({ hostname, port, method: asked.method, path: asked.url, headers, agent: false })
    onward.on('response', (response) => {
      answer.writeHead(response.statusCode!, response.headers)
      response.pipe(answer)
    })
    asked.pipe(onward)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close().closeAllConnections(),
  }
}

const statusOf = async (url: string, [method, path]: (typeof CALLS)[number], headers = {}): Promise<number> =>
  (await fetch(url + path, { method, headers })).status

describe.each(Object.entries(PROXIES))('behind %s', (name, added) => {
  it.each(CALLS)('%s %s is refused', async (...call) => {
    await using proxy = await openProxy(added)
    expect(await statusOf(proxy.url, call)).toBe(name === 'nginx' ? 401 : 403)
    expect(await statusOf(proxy.url, call, { Authorization: 'Bearer undefined' })).toBeOneOf([401, 403])
  })
})

it.each(Object.entries(PROXIES).slice(1))(
  'a token that was lost does not help behind %s',
  async (_, added) => {
    await using proxy = await openProxy(added)
    expect(await statusOf(proxy.url, ['GET', '/flotilla/storage'], await ownerHeaders(registry.data))).toBe(
      403,
    )
  },
)

it('the owner is answered, also after a crash', async () => {
  expect((await askAsOwner(registry, '/flotilla/storage')).status).toBe(200)
  const before = await ownerHeaders(registry.data)
  await registry.kill()
  await registry.restart()
  expect((await askAsOwner(registry, '/flotilla/storage')).status).toBe(200)
  expect((await fetch(`${registry.url}/flotilla/storage`, { headers: before })).status).toBe(401)
  expect(registry.output()).not.toContain((await ownerHeaders(registry.data)).Authorization.slice(7))
})

it('another user of the machine does not learn the token', async () => {
  for (const folder of [registry.data, dirname(registry.data)]) await chmod(folder, 0o755)
  const read = `require('node:fs').readFileSync(${JSON.stringify(ownerFileIn(registry.data))})`
  const other = spawn(process.execPath, ['-e', read], { uid: 65_534, gid: 65_534 })
  const [complaint, [code]] = await Promise.all([text(other.stderr), once(other, 'exit')])
  expect(complaint).toMatch(/EACCES/)
  expect(code).not.toBe(0)
})
