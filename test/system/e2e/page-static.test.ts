/** The page on a host that only has its files. */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { openBrowser } from './support/browser.ts'
import { dropFiles } from './support/drop.ts'
import { makeDockerArchive } from './support/sample-image.ts'
import { changeWorker, type StaticHost, serveFolder } from './support/static-host.ts'

const resources = new AsyncDisposableStack()
let page: Page
let folder: string
let site: StaticHost

beforeAll(async () => {
  folder = resources.use(await openTemporaryFolder()).path
  const copy = join(folder, 'page')
  await cp('dist/page', copy, { recursive: true })
  site = resources.use(await serveFolder(copy))
  page = await resources.use(await openBrowser()).open(site.url)
})

afterAll(() => resources.disposeAsync())

const main = () => page.getByRole('main')

it('says that command-line tools cannot reach a registry in a browser', async () => {
  await dropFiles(page, [await makeDockerArchive(folder, ['library/httpd:2.4.65'], 'httpd.tar')])
  await page.getByRole('link', { name: 'library/httpd:2.4.65' }).click()
  await main().getByText('Use it with docker').click()
  await main().getByText('cannot reach the registry in this browser').waitFor()
  await main().getByRole('link', { name: 'Download for docker load' }).last().waitFor()
  await main().getByText('docker load -i library_httpd_2.4.65.tar').waitFor()
})

it('knows no peer', async () => {
  await page.getByRole('link', { name: 'Peers', exact: true }).click()
  await main().getByText('No peer is connected').waitFor()
  await main().getByText('a plain web server').waitFor()
})

it('offers a new version, and changes to it', async () => {
  await changeWorker(site)
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready
    // If the browser was already checking for an update, before there was a new version, ours gets that result.
    while (!registration.installing && !registration.waiting) await registration.update()
  })
  await main().getByText('A new version is ready.').waitFor()
  await Promise.all([page.waitForEvent('load'), main().getByRole('button', { name: 'Update' }).click()])
  await main().getByText('No peer is connected').waitFor()
  expect(await main().getByText('A new version is ready.').count()).toBe(0)
})
