/** The page with peers: which they are, and pulling from them. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../../support/command.ts'
import { requirePrograms } from '../../support/programs.ts'
import { type Asked, pushBlob, pushImage, pushIndex } from '../../support/push.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { violationsIn } from './support/axe.ts'
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

it('shows the server as a peer', async () => {
  await page.getByRole('link', { name: 'Peers' }).click()
  const row = main().getByRole('row', { name: 'serves this page' })
  expect(await row.textContent()).toContain('HTTP')
  await row.getByText('the page itself comes from it').waitFor()
})

it('lists the images of a peer, with buttons to pull them', async () => {
  await main().getByRole('button', { name: 'Show its images' }).click()
  const images = main().getByRole('list', { name: 'Its repositories' })
  await images.getByText('library/httpd').click()
  await images.getByRole('button', { name: 'Pull library/httpd:2.4' }).waitFor()
  expect(await violationsIn(page)).toEqual([])
})

it('reconnects after a time without a network', async () => {
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

it('shows an image that only a peer has, and pulls one platform of it', async () => {
  await page.goto(`${site.url}/r/library/httpd:2.4?platform=linux/arm64/v8`)
  const layer = main().getByRole('row', { name: 'ADD alpine-minirootfs' })
  await layer.getByText('not stored here').waitFor()
  await main().getByRole('button', { name: 'Pull linux/arm64/v8' }).click()
  await layer.getByText('stored here, from peer').waitFor()
  await main().getByRole('link', { name: 'Download for docker load' }).waitFor()
  await main().getByRole('link', { name: 'linux/amd64' }).getByText('not stored here').waitFor()
})

it('pulls an image from it, keeps it, and says where it came from', async () => {
  await page.getByRole('button', { name: 'Pull', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Image').fill('library/httpd:2.4')
  await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  await transfers().getByRole('link', { name: 'library/httpd:2.4', exact: true }).click()
  await main().getByRole('button', { name: 'Keep when space runs out', pressed: true }).waitFor()
  await main().getByText('Pulled from peers').waitFor()
  const layer = main().getByRole('row', { name: 'ADD alpine-minirootfs' })
  await layer.getByText('stored here, from peer').waitFor()
})

it('pulls an index with blobs as children, such as a BuildKit cache', async () => {
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

it('shows the commands for the server', async () => {
  await main().getByText('Use it with docker').click()
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

it('completes names and tags from what it has, by keyboard', async () => {
  await page.getByRole('button', { name: 'Pull', exact: true }).press('Enter')
  const field = page.getByRole('dialog').getByLabel('Image')
  await page.keyboard.type('htt')
  const offers = page.getByRole('listbox', { name: 'At connected peers' })
  await offers.getByRole('option', { name: 'library/httpd the server' }).waitFor()
  await page.keyboard.press('ArrowDown')
  expect(await violationsIn(page)).toEqual([])
  await page.keyboard.press('Enter')
  expect(await field.inputValue()).toBe('library/httpd:')
  await offers.getByRole('option', { name: 'library/httpd:2.4 the server' }).waitFor()
  await page.keyboard.press('Escape')
  expect(await offers.isVisible()).toBe(false)
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  expect(await field.inputValue()).toBe('library/httpd:2.4')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})

it('says why an image is not found, and offers alternatives', async () => {
  await page.getByRole('button', { name: 'Pull', exact: true }).click()
  const dialog = page.getByRole('dialog')
  const ask = async (text: string) => {
    await dialog.getByLabel('Image').fill(text)
    await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  }
  const alert = (text: string) => dialog.getByRole('alert').getByText(text).waitFor()
  await ask('Not A Reference')
  await alert('A name looks like')
  await ask('docker.io/nobody/has:this')
  await alert('No connected peer has a repository nobody/has.')
  await alert('Docker Hub cannot be asked from a web page.')
  await alert(`docker://${site.host}/nobody/has:this`)
  expect(await violationsIn(page)).toEqual([])
  await dialog.getByLabel('Platforms').selectOption('linux/arm/v7')
  await ask(`docker pull ${site.host}/library/httpd:2.4`)
  await alert('library/httpd:2.4 is not for that platform.')
  await dialog.getByLabel('Platforms').selectOption('')
  await ask('library/httpd:none')
  await alert('library/httpd has no tag none.')
  await ask('library/httpd')
  await alert('library/httpd has no tag latest.')
  await dialog.getByRole('button', { name: '2.4', exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
})

it('takes addresses as people write them, and shows the state of each', async () => {
  const environment = { REGISTRY_HTTP_CORS_ORIGINS: JSON.stringify([new URL(page.url()).origin]) }
  await using other = await servePage({ swarm: [], environment })
  await page.getByRole('link', { name: 'Peers' }).click()
  const field = main().getByLabel('Address', { exact: true })
  const addresses = main().getByRole('list', { name: 'Addresses' })
  await field.fill('what is this')
  await field.press('Enter')
  await main().getByText('This is not an address. Addresses look like http://localhost:5000').waitFor()
  for (const address of [other.host, 'http://127.0.0.1:9/']) {
    await field.fill(address)
    await field.press('Enter')
  }
  const item = (text: string) => addresses.getByRole('listitem').filter({ hasText: text })
  await item(other.host).getByText('Connected as 12D3Ko').waitFor()
  await item('http://127.0.0.1:9').getByText('nothing answers there').waitFor()
  expect(await violationsIn(page)).toEqual([])
  await other.stop()
  await item(other.host).getByText('nothing answers there').waitFor()
})

it('shows where stored images came from', async () => {
  await page.getByRole('link', { name: 'Storage' }).click()
  await main().getByText('Pulled from peers', { exact: true }).waitFor()
})

it('says that the server is unreachable, and keeps it as a peer', async () => {
  await site.kill()
  await page.getByRole('link', { name: 'Peers' }).click()
  await main().getByText('which cannot be reached since').waitFor()
  await page.getByRole('banner').getByText('Server offline').waitFor()
})
