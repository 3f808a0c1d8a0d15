/** The page with peers: who they are, and pulling from them, as people do it. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../support/command.ts'
import { requirePrograms } from '../support/programs.ts'
import { type Asked, pushBlob, pushImage, pushIndex } from '../support/push.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'
import { openBrowser, stopWorkers } from './support/browser.ts'
import { makeLayoutArchive } from './support/sample-image.ts'
import { type Site, servePage } from './support/site.ts'

const resources = new AsyncDisposableStack()
let site: Site
let page: Page

beforeAll(async () => {
  await requirePrograms({ skopeo: 'skopeo' }, 'the tests of the page push to a peer with skopeo')
  const folder = resources.use(await openTemporaryFolder()).path
  site = resources.use(await servePage({ swarm: [] }))
  const archive = await makeLayoutArchive(folder, 'library/httpd:2.4')
  const options = ['--all', '--dest-tls-verify=false', '--preserve-digests']
  await run('skopeo', [
    'copy',
    '-q',
    ...options,
    `oci-archive:${archive}:library/httpd:2.4`,
    `docker://${site.host}/library/httpd:2.4`,
  ])
  page = await resources.use(await openBrowser()).open(site.url)
})

afterAll(() => resources.disposeAsync())

const main = () => page.getByRole('main')
const transfers = () => page.getByRole('region', { name: /transfer/i })

it('knows the peer that serves it', async () => {
  await page.getByRole('link', { name: 'Peers' }).click()
  const row = main().getByRole('row', { name: 'serves this page' })
  expect(await row.textContent()).toContain('HTTP')
  expect(await row.getByLabel(/Trust the tags/).isChecked()).toBe(true)
})

it('finds it again after a time without a network', async () => {
  await page.context().setOffline(true)
  try {
    await stopWorkers(page)
    await page.reload()
    await main().getByText('No peer is connected').waitFor()
  } finally {
    await page.context().setOffline(false)
  }
  await main().getByRole('row', { name: 'serves this page' }).waitFor()
})

it('shows what a peer has and this browser has not, and pulls one platform of it', async () => {
  await page.goto(`${site.url}/r/library/httpd:2.4?platform=linux/arm64/v8`)
  const layer = main().getByRole('row', { name: 'ADD alpine-minirootfs' })
  await layer.getByText('not here').waitFor()
  await main().getByRole('button', { name: 'Pull linux/arm64/v8' }).click()
  await layer.getByText(/^peer …/).waitFor()
  await main().getByRole('link', { name: 'docker load tar' }).waitFor()
  await main().getByRole('link', { name: 'linux/amd64' }).getByText('not here').waitFor()
})

it('pulls an image from it, keeps it, and tells where it came from', async () => {
  await page.getByRole('button', { name: 'Pull', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Image').fill('library/httpd:2.4')
  await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  await transfers().getByRole('link', { name: 'library/httpd:2.4', exact: true }).click()
  await main().getByRole('button', { name: 'Kept' }).waitFor()
  await main().getByText('Peers', { exact: true }).waitFor()
  const layer = main().getByRole('row', { name: 'ADD alpine-minirootfs' })
  await layer.getByText(/^peer …/).waitFor()
})

it('pulls an index that names blobs, such as a cache of BuildKit', async () => {
  const peer: Asked = {
    fetch: (method, path, asking) =>
      fetch(new URL(path, `http://${site.host}`), { method, ...asking } as RequestInit),
  }
  const layer = await pushBlob(peer, 'cache', 'layer of a cache')
  const config = await pushBlob(peer, 'cache', '{"layers":[]}', 'application/vnd.buildkit.cacheconfig.v0')
  const untyped = { ...(await pushImage(peer, 'cache')), mediaType: '' }
  await pushIndex(peer, 'cache', [layer, config, untyped], { tag: 'latest' })
  await page.getByRole('button', { name: 'Pull', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Image').fill('cache')
  await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  await transfers().getByRole('link', { name: 'cache:latest', exact: true }).waitFor()
  const sources = await page.evaluate(
    (paths) => Promise.all(paths.map(async (path) => (await fetch(path)).headers.get('Flotilla-Source'))),
    [`blobs/${layer.digest}`, `blobs/${config.digest}`, `manifests/${untyped.digest}`].map(
      (path) => `/v2/cache/${path}`,
    ),
  )
  expect(sources).toEqual(['disk', 'disk', 'disk'])
})

it('gives the commands for the peer that serves it', async () => {
  await main().getByText('Pull it with docker').click()
  for (const command of [
    `docker pull ${site.host}/library/httpd:2.4`,
    `podman pull --tls-verify=false ${site.host}/library/httpd:2.4`,
    `ctr images pull --plain-http ${site.host}/library/httpd:2.4`,
  ])
    await main().getByText(command, { exact: true }).waitFor()
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await main().getByRole('button', { name: 'Copy docker command' }).click()
  await page.getByText('Copied: docker command').waitFor()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).toBe(`docker pull ${site.host}/library/httpd:2.4`)
})

it('says so when nobody has the image', async () => {
  await page.getByRole('button', { name: 'Pull', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Image').fill('Not A Reference')
  await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  await dialog.getByRole('alert').waitFor()
  await dialog.getByLabel('Image').fill('nobody/has:this')
  await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  await transfers().getByRole('alert').getByText('MANIFEST_UNKNOWN').waitFor()
})

it('shows where what is stored came from', async () => {
  await page.getByRole('link', { name: 'Storage' }).click()
  await main().getByText('From peers', { exact: true }).waitFor()
})
