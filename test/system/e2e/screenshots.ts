/**
 * `npm run screenshots [FOLDER]`: takes the pictures of README and docs anew, of every state of the page. Not a test: what
 * the page has to be is held elsewhere, in `page-accessibility.test.ts` above all.
 */
import { join, resolve } from 'node:path'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { openBrowser } from './support/browser.ts'
import { dropFiles } from './support/drop.ts'
import { makeDockerArchive, makeLayoutArchive } from './support/sample-image.ts'
import { servePage } from './support/site.ts'

const pictures = resolve(process.argv[2] ?? join(import.meta.dirname, '../../../docs/screenshots'))

await using folder = await openTemporaryFolder()
await using site = await servePage({ swarm: [] })
await using browser = await openBrowser()
const page = await browser.open(site.url)

await page.getByRole('heading', { name: 'Import a file' }).waitFor()
await take('empty')

await importImages()

await go('/', 'stored here')
await page.getByRole('link', { name: 'tools/builder', exact: true }).waitFor()
await take('repositories', { height: 480 })

await go('/r/library/httpd:2.4', 'SIGWINCH')
await take('image-light', { height: 960 })
await take('image-dark', { scheme: 'dark', height: 960 })
await take('image-narrow', { width: 360 })

await go('/storage', 'By repository')
await take('storage')

await go('/peers', 'serves this page')
await take('peers')

await go('/r/library/httpd:none', 'has no tag none')
await take('error', { height: 360 })

await openWithoutRegistry()
await take('no-registry', { height: 360 })

async function go(path: string, sign: string): Promise<void> {
  await page.goto(`${site.url}${path}`)
  await page.getByText(sign).first().waitFor()
}

interface Look {
  readonly scheme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
}

async function take(name: string, look: Look = {}): Promise<void> {
  const { scheme = 'light', width = 1120, height = 720 } = look
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
  await page.setViewportSize({ width, height })
  await page.screenshot({ path: join(pictures, `${name}.png`) })
  console.log(`${name}.png`)
}

/** Takes a screenshot on the way. */
async function importImages(): Promise<void> {
  await dropFiles(page, [
    await makeLayoutArchive(folder.path, 'library/httpd:2.4'),
    await makeDockerArchive(folder.path, ['team/web/frontend:2026.11.3'], 'frontend.tar', 3),
    await makeDockerArchive(folder.path, ['team/web/frontend:2026.11.2'], 'frontend-old.tar', 2.5),
    await makeDockerArchive(folder.path, ['tools/builder:v3'], 'builder.tar', 0.4),
    await makeDockerArchive(folder.path, ['nightly/import:1'], 'import.tar', 8),
  ])
  const transfers = page.getByRole('region', { name: /transfer/i })
  await transfers.getByRole('progressbar').first().waitFor()
  await take('importing')
  const images = ['library/httpd:2.4', 'frontend:2026.11.3', 'frontend:2026.11.2', 'builder:v3', 'import:1']
  for (const name of images) await transfers.getByRole('link', { name }).first().waitFor()
}

async function openWithoutRegistry(): Promise<void> {
  await page.addInitScript(() => Object.defineProperty(navigator, 'serviceWorker', { value: undefined }))
  await page.goto(site.url)
  await page.getByRole('heading', { name: 'No registry in this window' }).waitFor()
}
