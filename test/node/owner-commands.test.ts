import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { configSchema } from '../../src/core/config.ts'
import { silentLog } from '../../src/core/log.ts'
import { openServer } from '../../src/node/server.ts'
import { digestOf, imageOf } from '../support/push.ts'

const MAIN = join(import.meta.dirname, '../../src/node/cli/main.ts')

async function open(): Promise<string> {
  const config = configSchema.parse({
    version: 0.1,
    storage: { inmemory: {} },
    http: { addr: '127.0.0.1:0' },
    validation: { manifests: { blobs: 'none' } },
    log: { accesslog: { disabled: true } },
    swarm: { enabled: false },
  })
  const server = await openServer({ config, log: silentLog })
  onTestFinished(() => server.close())
  return new URL(server.url).host
}

async function run(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args])
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code, stdout, stderr }
}

async function push(host: string): Promise<string> {
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf('{}'), size: 2 }
  const body = JSON.stringify(imageOf(config, []))
  const headers = { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' }
  const response = await fetch(`http://${host}/v2/some/name/manifests/v1`, { method: 'PUT', headers, body })
  expect(response.status).toBe(201)
  return digestOf(body)
}

it('show what is held, keep it and release it', async () => {
  const host = await open()
  const digest = await push(host)
  const shown = await run('images', 'some/name', '--addr', host)
  expect(shown).toMatchObject({ code: 0, stderr: '' })
  expect(shown.stdout).toMatch(/^DIGEST +SIZE +MISSING +SOURCE +KEPT +LAST USED +TAGS\n/)
  expect(shown.stdout).toMatch(new RegExp(`^${digest}  \\d+ B +1 +pushed +20.* v1\\n$`, 'm'))
  const isKept = async () =>
    JSON.parse((await run('images', 'some/name', '--addr', host, '--json')).stdout)[0].kept
  expect(await run('keep', `some/name@${digest}`, '--addr', host)).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  })
  expect(await isKept()).toBe(true)
  await run('keep', `some/name@${digest}`, '--release', '--addr', host)
  expect(await isKept()).toBe(false)
  expect((await run('evict', '--addr', host)).stdout).toBe('0 B freed\n')
})

it('tell why they cannot', async () => {
  const host = await open()
  expect(await run('images', 'unknown', '--addr', host)).toMatchObject({
    code: 1,
    stderr: `flotilla: ${host}: repository name not known to registry\n`,
  })
  expect(await run('keep', 'some/name:v1', '--addr', host)).toMatchObject({
    code: 1,
    stderr: 'flotilla: some/name:v1 is no repository@digest\n',
  })
  const missing = `some/name@${digestOf('')}`
  expect((await run('keep', missing, '--addr', host)).stderr).toBe(`flotilla: ${host}: manifest unknown\n`)
})
