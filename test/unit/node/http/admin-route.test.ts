import { readdir, stat, writeFile } from 'node:fs/promises'
import { request as send } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { configSchema } from '../../../../src/core/config.ts'
import { silentLog } from '../../../../src/core/log.ts'
import {
  ownerFileIn,
  readOwnerFile,
  removeOwnerFile,
  writeOwnerFile,
} from '../../../../src/node/owner-file.ts'
import { openServer } from '../../../../src/node/server.ts'
import { ownerHeaders } from '../../../support/owner.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'

interface Opened {
  readonly url: URL
  readonly data: string
}

async function open(storage?: object): Promise<Opened> {
  const folder = await openTemporaryFolder()
  const config = configSchema.parse({
    version: 0.1,
    storage: storage ?? { filesystem: { rootdirectory: folder.path } },
    http: { addr: '127.0.0.1:0' },
    log: { accesslog: { disabled: true } },
    swarm: { enabled: false, cache: { budget: '1KiB' } },
  })
  const server = await openServer({ config, log: silentLog })
  onTestFinished(async () => {
    await server.close()
    await folder[Symbol.asyncDispose]()
  })
  return { url: new URL(server.url), data: folder.path }
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** With the owner's token. Node's own request: fetch would not send a Host of another name. */
async function ask({ url, data }: Opened, path: string, more: Record<string, string> = {}, method = 'GET') {
  const headers = { ...(await ownerHeaders(data)), ...more }
  return sendTo(url, path, headers, method)
}

function sendTo(url: URL, path: string, headers: Record<string, string>, method: string): Promise<Answer> {
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
  expect((await ask(await open(), '/flotilla/evict', {}, 'POST')).body).toMatch('{"freed":0,')
})

it.each<[string, Record<string, string>]>([
  ['a web page', { origin: 'http://127.0.0.1' }],
  ['a web page that only reads', { 'sec-fetch-site': 'none' }],
  ['somebody behind a proxy', { 'x-forwarded-for': '203.0.113.9' }],
])('answers nobody else: %s', async (_, headers) => {
  const { status, body } = await ask(await open(), '/flotilla/storage', headers)
  expect([status, JSON.parse(body).errors[0].code]).toEqual([403, 'DENIED'])
})

it('does not even look at the path for another name of this machine', async () => {
  const { status, body } = await ask(await open(), '/flotilla/storage', { host: 'rebound.example' })
  expect([status, JSON.parse(body).errors[0].detail.host]).toEqual([421, 'rebound.example'])
})

it('answers nobody where there is no place for a token', async () => {
  const { url } = await open({ inmemory: {} })
  const { status, body } = await sendTo(
    url,
    '/flotilla/storage',
    { authorization: 'Bearer undefined' },
    'GET',
  )
  expect([status, JSON.parse(body).errors[0].code]).toEqual([403, 'DENIED'])
})

it('keeps the token from everybody else, and takes it away at the end', async () => {
  await using folder = await openTemporaryFolder()
  const path = ownerFileIn(folder.path)
  await writeFile(`${path}.partial`, 'left behind', { mode: 0o644 })
  await writeOwnerFile(folder.path, { url: 'http://127.0.0.1:5000', token: 'one' })
  await writeOwnerFile(folder.path, { url: 'http://127.0.0.1:5000', token: 'two' })
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readOwnerFile(folder.path)).toMatchObject({ token: 'two' })
  expect(await readdir(folder.path)).toEqual(['owner.json'])
  await removeOwnerFile(folder.path)
  expect(await readOwnerFile(folder.path)).toBeUndefined()
})
