/** A browser that gives the page no storage, as some do in private windows: API and page say so. */
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { openBrowser } from './support/browser.ts'
import { serveFolder } from './support/static-host.ts'

const NO_STORAGE = `navigator.storage.getDirectory = indexedDB.databases = async () => {
  throw new DOMException('', 'SecurityError')
}\n`

it('says that there is no storage, to code and to people', async () => {
  await using folder = await openTemporaryFolder()
  await cp('dist/page', folder.path, { recursive: true })
  const worker = join(folder.path, 'sw.js')
  await writeFile(worker, NO_STORAGE + (await readFile(worker, 'utf8')))
  await using site = await serveFolder(folder.path)
  await using browser = await openBrowser()
  const page = await browser.open(site.url)

  const answer = await page.evaluate(async () => {
    const response = await fetch('/v2/a/tags/list')
    return { status: response.status, text: await response.text() }
  })

  expect(answer.status).toBe(503)
  expect(JSON.parse(answer.text)).toMatchObject({
    errors: [{ code: 'UNAVAILABLE', message: expect.stringContaining('gives the page no storage') }],
  })
  await page.getByRole('heading', { level: 1, name: 'No storage in this window' }).waitFor()
  await page.getByText('SecurityError').waitFor()
  expect(await page.getByRole('alert').count()).toBe(0)
})
