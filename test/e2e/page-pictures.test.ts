/**
 * Every state of the page, to be looked at. FLOTILLA_SCREENSHOTS=docs/screenshots takes the pictures of the README anew;
 * without it they are taken all the same, and thrown away.
 */
import { join, resolve } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, it } from 'vitest'
import { openTemporaryFolder } from '../support/temporary-folder.ts'
import { openBrowser } from './support/browser.ts'
import { dropFiles } from './support/drop.ts'
import { makeDockerArchive, makeLayoutArchive } from './support/sample-image.ts'
import { type Site, servePage } from './support/site.ts'

const resources = new AsyncDisposableStack()
let site: Site
let page: Page
let folder: string
let pictures: string

beforeAll(async () => {
  folder = resources.use(await openTemporaryFolder()).path
  pictures = resolve(process.env.FLOTILLA_SCREENSHOTS ?? folder)
  site = resources.use(await servePage({ swarm: [] }))
  page = await resources.use(await openBrowser()).open(site.url)
})

afterAll(() => resources.disposeAsync())

const go = async (path: string, sign: string) => {
  await page.goto(`${site.url}${path}`)
  await page.getByText(sign).first().waitFor()
}

interface Look {
  readonly scheme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
}

const take = async (name: string, { scheme = 'light', width = 1120, height = 720 }: Look = {}) => {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
  await page.setViewportSize({ width, height })
  await page.screenshot({ path: join(pictures, `${name}.png`) })
}

it('empty', async () => {
  await page.getByRole('heading', { name: 'Import a file' }).waitFor()
  await take('empty')
})

it('importing', async () => {
  await dropFiles(page, [
    await makeLayoutArchive(folder, 'library/httpd:2.4'),
    await makeDockerArchive(folder, ['team/web/frontend:2026.11.3'], 'frontend.tar', 3),
    await makeDockerArchive(folder, ['team/web/frontend:2026.11.2'], 'frontend-old.tar', 2.5),
    await makeDockerArchive(folder, ['tools/builder:v3'], 'builder.tar', 0.4),
    await makeDockerArchive(folder, ['nightly/import:1'], 'import.tar', 8),
  ])
  const transfers = page.getByRole('region', { name: /transfer/i })
  await transfers.getByRole('progressbar').first().waitFor()
  await take('importing')
  const images = ['library/httpd:2.4', 'frontend:2026.11.3', 'frontend:2026.11.2', 'builder:v3', 'import:1']
  for (const name of images) await transfers.getByRole('link', { name }).first().waitFor()
})

it('repositories', async () => {
  await go('/', 'stored here')
  await page.getByRole('link', { name: 'tools/builder', exact: true }).waitFor()
  await take('repositories', { height: 480 })
})

it('an image', async () => {
  await go('/r/library/httpd:2.4', 'SIGWINCH')
  await take('image-light', { height: 960 })
  await take('image-dark', { scheme: 'dark', height: 960 })
  await take('image-narrow', { width: 360 })
})

it('storage', async () => {
  await go('/storage', 'By repository')
  await take('storage')
})

it('peers', async () => {
  await go('/peers', 'serves this page')
  await take('peers')
})

it('errors', async () => {
  await go('/r/library/httpd:none', 'has no tag none')
  await take('error', { height: 360 })
})

it('no registry', async () => {
  const bare = await page.context().newPage()
  await bare.addInitScript(() => Object.defineProperty(navigator, 'serviceWorker', { value: undefined }))
  await bare.goto(site.url)
  await bare.getByRole('heading', { name: 'No registry in this window' }).waitFor()
  await bare.setViewportSize({ width: 1120, height: 360 })
  await bare.screenshot({ path: join(pictures, 'no-registry.png') })
})
