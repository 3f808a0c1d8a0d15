/** The page is cross-origin isolated (SharedArrayBuffer), from the server and from the worker's cache, with all features. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { openBrowser } from './support/browser.ts'
import { dropFiles } from './support/drop.ts'
import { makeDockerArchive } from './support/sample-image.ts'
import { type Site, servePage } from './support/site.ts'

const resources = new AsyncDisposableStack()
let site: Site
let page: Page
const errors: string[] = []

beforeAll(async () => {
  const environment = { REGISTRY_HTTP_PAGE_ISOLATED: 'true' }
  site = resources.use(await servePage({ environment }))
  page = await resources.use(await openBrowser()).open(site.url)
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    const isAnswer = message.text().includes('status of 404') // a request for something that is not here
    if (message.type() === 'error' && !isAnswer) errors.push(message.text())
  })
})

afterAll(() => resources.disposeAsync())

const isIsolated = () => page.evaluate(() => crossOriginIsolated && new SharedArrayBuffer(1).byteLength === 1)

it('comes so from the server', async () => {
  expect(await isIsolated()).toBe(true)
})

it('has all that a page has', async () => {
  const folder = resources.use(await openTemporaryFolder()).path
  await dropFiles(page, [await makeDockerArchive(folder, ['library/httpd:2.4.65'], 'httpd.tar')])
  const image = page.getByRole('link', { name: 'library/httpd:2.4.65' }).first()
  await image.waitFor()
  for (const path of ['/', '/storage', '/peers', '/r/library/httpd', '/r/library/httpd:2.4.65']) {
    await page.goto(site.url + path)
    await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor()
    expect(await isIsolated()).toBe(true)
  }
  await page.getByRole('main').getByText('ADD alpine-minirootfs').first().waitFor()
  expect(await page.evaluate(() => navigator.locks.query().then(({ held }) => held!.length))).toBeGreaterThan(
    0,
  )
})

it('comes so without the server, for workers too', async () => {
  await site.stop()
  await page.reload()
  await page.getByRole('main').getByText('ADD alpine-minirootfs').first().waitFor()
  expect(await isIsolated()).toBe(true)
  const script = await page.evaluate(async () => {
    const { src } = document.querySelector<HTMLScriptElement>('script[src]')!
    const { headers } = await fetch(src)
    return headers.get('Cross-Origin-Embedder-Policy')
  })
  expect(script).toBe('require-corp')
  expect(errors).toEqual([])
})
