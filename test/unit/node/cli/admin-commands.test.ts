import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { configSchema } from '../../../../src/core/config.ts'
import { silentLog } from '../../../../src/core/log.ts'
import { openServer } from '../../../../src/node/server.ts'
import { digestOf, imageOf } from '../../../support/push.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'

const MAIN = join(import.meta.dirname, '../../../../src/node/cli/main.ts')

async function open(): Promise<{ host: string; data: string }> {
  const folder = await openTemporaryFolder()
  const config = configSchema.parse({
    version: 0.1,
    storage: { filesystem: { rootdirectory: folder.path } },
    http: { addr: '127.0.0.1:0' },
    validation: { manifests: { blobs: 'none' } },
    log: { accesslog: { disabled: true } },
    swarm: { enabled: false },
  })
  const server = await openServer({ config, log: silentLog })
  onTestFinished(async () => {
    await server.close()
    await folder[Symbol.asyncDispose]()
  })
  return { host: new URL(server.url).host, data: folder.path }
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
  const { host, data } = await open()
  const digest = await push(host)
  const shown = await run('images', 'some/name', '--data', data)
  expect(shown).toMatchObject({ code: 0, stderr: '' })
  expect(shown.stdout).toMatch(/^DIGEST +SIZE +MISSING +SOURCE +KEPT +LAST USED +TAGS\n/)
  expect(shown.stdout).toMatch(new RegExp(`^${digest}  \\d+ B +1 +pushed +20.* v1\\n$`, 'm'))
  const isKept = async () =>
    JSON.parse((await run('images', 'some/name', '--data', data, '--json')).stdout)[0].kept
  expect(await run('keep', `some/name@${digest}`, '--data', data)).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  })
  expect(await isKept()).toBe(true)
  await run('keep', `some/name@${digest}`, '--release', '--data', data)
  expect(await isKept()).toBe(false)
  expect((await run('evict', '--dry-run', '--data', data)).stdout).toBe('0 B would be freed\n')
  expect((await run('evict', '--data', data)).stdout).toBe('0 B freed\n')
})

it('tell why they cannot', async () => {
  const { host, data } = await open()
  expect(await run('images', 'unknown', '--data', data)).toMatchObject({
    code: 1,
    stderr: `flotilla: ${host}: repository name not known to registry\n`,
  })
  expect(await run('keep', 'some/name:v1', '--data', data)).toMatchObject({
    code: 1,
    stderr: 'flotilla: some/name:v1 is not repository@digest; flotilla images shows digests\n',
  })
  const missing = `some/name@${digestOf('')}`
  expect((await run('keep', missing, '--data', data)).stderr).toBe(`flotilla: ${host}: manifest unknown\n`)
})
