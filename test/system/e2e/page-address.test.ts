/** Addresses of the page: each has its own storage in a browser, so users are sent to one and told about others. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { controlled, openBrowser, type Visitor } from './support/browser.ts'
import { dropFiles } from './support/drop.ts'
import { makeDockerArchive } from './support/sample-image.ts'
import { type Site, servePage } from './support/site.ts'

const resources = new AsyncDisposableStack()
let site: Site
let browser: Visitor
let page: Page

const elsewhere = (path: string) => `${site.url.replace('localhost', '127.0.0.1')}${path}`

beforeAll(async () => {
  site = resources.use(await servePage())
  browser = resources.use(await openBrowser())
  page = await browser.context.newPage()
})

afterAll(() => resources.disposeAsync())

it('redirects to the configured address, and leaves no trace', async () => {
  await page.goto(elsewhere('/storage'))
  await controlled(page)
  await page.waitForURL(`${site.url}/storage`)
})

it('stays at another address if the user wants, and says that it is not the configured one', async () => {
  const folder = resources.use(await openTemporaryFolder()).path
  await page.goto(elsewhere('/?stay'))
  await controlled(page)
  await page.waitForURL(elsewhere('/'))
  await dropFiles(page, [await makeDockerArchive(folder, ['library/httpd:2.4.65'], 'httpd.tar')])
  const notice = page.getByRole('status').filter({ hasText: "This page's own address is" })
  expect(await notice.getByRole('link').getAttribute('href')).toBe(`${site.url}/`)
  const transfers = page.getByRole('region', { name: /transfer/i })
  await transfers.getByRole('link', { name: 'library/httpd:2.4.65', exact: true }).waitFor()
})

it('says at the configured address where else images may be stored, until there are none', async () => {
  await page.goto(site.url)
  const notice = page.getByRole('status').filter({ hasText: 'Images may also be stored at another address' })
  await notice.getByRole('link').click()
  await page.getByRole('link', { name: /httpd/ }).first().waitFor()
  expect(new URL(page.url()).hostname).toBe('127.0.0.1')
  await page.evaluate(async () => {
    const digest = (await fetch('/v2/library/httpd/manifests/2.4.65')).headers.get('Docker-Content-Digest')
    await fetch(`/v2/library/httpd/manifests/${digest}`, { method: 'DELETE' })
    await fetch('/flotilla/page-address')
  })
  const told = page.waitForResponse((response) => response.url().endsWith('/flotilla/page-address'))
  await page.goto(site.url)
  await told
  await expect.poll(() => notice.count()).toBe(0)
})
