/** The page as people use it, in one browser from its first visit. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../support/command.ts'
import { requirePrograms } from '../../support/programs.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { debuggerOf, openBrowser, type Visitor } from './support/browser.ts'
import { dropFiles } from './support/drop.ts'
import { pushBlob } from './support/in-page.ts'
import { makeDockerArchive, makeLayoutArchive } from './support/sample-image.ts'
import { type Site, servePage } from './support/site.ts'

const resources = new AsyncDisposableStack()
let site: Site
let browser: Visitor
let page: Page
let folder: string

beforeAll(async () => {
  await requirePrograms({ skopeo: 'skopeo' }, 'the tests of the page read its downloads with skopeo')
  folder = resources.use(await openTemporaryFolder()).path
  site = resources.use(await servePage())
  browser = resources.use(await openBrowser())
  page = await browser.open(site.url)
})

afterAll(() => resources.disposeAsync())

const go = (path: string) => page.goto(`${site.url}${path}`)
const main = () => page.getByRole('main')
const transfers = () => page.getByRole('region', { name: /transfer/i })
const row = (name: string) => main().getByRole('row', { name })

describe('the page', () => {
  it('says what to do first', async () => {
    await main().getByRole('heading', { name: 'A container registry in this browser' }).waitFor()
    await main().getByRole('heading', { name: 'Import a file' }).waitFor()
    await main().getByLabel('Image').waitFor()
  })

  it('can be installed', async () => {
    const session = await debuggerOf(page)
    const { manifest, errors } = await session.send('Page.getAppManifest')
    expect(errors).toEqual([])
    expect(manifest).toMatchObject({ name: 'Flotilla', display: 'kStandalone' })
    const icons = await page.evaluate(async () => {
      const { icons } = await (await fetch('/manifest.webmanifest')).json()
      return await Promise.all(icons.map(async ({ src }: { src: string }) => (await fetch(src)).status))
    })
    expect(icons).toEqual([200, 200, 200, 200])
  })

  it('imports a docker save tar that is dropped anywhere', async () => {
    await dropFiles(page, [await makeDockerArchive(folder, ['library/httpd:2.4.65'], 'httpd.tar')])
    await transfers().getByRole('link', { name: 'library/httpd:2.4.65' }).click()
    await main().getByRole('heading', { name: '3 layers' }).waitFor()
    await expect.poll(() => page.title()).toBe('library/httpd:2.4.65 – Flotilla')
    expect(new URL(page.url()).pathname).toBe('/r/library/httpd:2.4.65')
  })

  it('shows the steps of the build beside their layers', async () => {
    await row('COPY httpd-foreground').getByText('10.0 KiB').waitFor()
    await row('ADD alpine-minirootfs').getByText('stored here').waitFor()
    await row('EXPOSE map').locator('code').waitFor()
  })

  it('shows how a container starts', async () => {
    const config = main().getByRole('region', { name: 'Config' })
    for (const text of ['["httpd-foreground"]', 'www-data', '80/tcp', 'HTTPD_VERSION=2.4.65'])
      await config.getByText(text).first().waitFor()
    await main().getByRole('region', { name: 'Labels' }).getByText('https://git.example/httpd').waitFor()
  })

  it('asks for the name of an archive that has none', async () => {
    const archive = await makeDockerArchive(folder, [], 'My Build.tar.gz')
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByRole('dialog').locator('input[type=file]').setInputFiles(archive)
    const name = transfers().getByLabel(/Import it as/)
    expect(await name.inputValue()).toBe('my-build:latest')
    await name.fill('team/build:1')
    await name.press('Enter')
    await transfers().getByRole('link', { name: 'team/build:1' }).waitFor()
  })

  it('imports an OCI layout with its platforms, its signature and its SBOM', async () => {
    await dropFiles(page, [await makeLayoutArchive(folder, 'library/httpd:2.4')])
    await transfers().getByRole('link', { name: 'library/httpd:2.4', exact: true }).click()
    await main().getByRole('link', { name: 'linux/arm64/v8' }).click()
    await page.waitForURL(/platform=linux\/arm64\/v8$/)
    await main().getByRole('region', { name: 'Config' }).getByText('linux/arm64/v8').waitFor()
    await main().getByRole('row', { name: 'Signature' }).waitFor()
    await main().getByRole('link', { name: 'SBOM' }).click()
    await main().getByText('About').first().waitFor()
    await main().getByRole('heading', { name: 'SBOM, SPDX 2.3' }).waitFor()
  })

  it('lists repositories and tags', async () => {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Images' }).click()
    await row('library/httpd').getByRole('link').click()
    await main().getByRole('link', { name: '2.4.65' }).waitFor()
    await row('2 platforms').getByRole('link', { name: 'SBOM' }).waitFor()
  })

  it.each([
    ['Download for docker load', 'docker-archive'],
    ['Download as OCI layout', 'oci-archive'],
  ])('downloads a %s that skopeo reads', async (link, transport) => {
    await go('/r/library/httpd:2.4.65')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      main().getByRole('link', { name: link }).click(),
    ])
    const path = join(folder, `${transport}.tar`)
    await download.saveAs(path)
    const inspected = JSON.parse(await run('skopeo', ['inspect', '--config', `${transport}:${path}`]))
    expect(inspected.config.Entrypoint).toEqual(['httpd-foreground'])
  })

  it('deletes a tag, and says before what is deleted', async () => {
    await go('/r/team/build:1')
    await main().getByRole('button', { name: 'Delete…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete team/build:1?' })
    await dialog.getByText('This frees').waitFor()
    await dialog.getByLabel('Only the tag').check()
    await dialog.getByText('The image stays, without a tag').waitFor()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.waitForURL(`${site.url}/r/team/build`)
    await main().getByText('1 image without a tag').click()
    await main().getByRole('table').last().getByRole('link').click()
    await main().getByRole('button', { name: 'Delete…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await main().getByText('No image of this repository is stored').waitFor()
  })

  it('shows what is stored, and takes a budget', async () => {
    await go('/storage')
    await main().getByText('Imported or pushed here').waitFor()
    await row('library/httpd').getByText('MiB').first().waitFor()
    const limit = main().getByLabel('Pulled images may take at most')
    await limit.fill('5')
    await main().getByText('5 of what?').waitFor()
    await limit.fill('5 GB')
    await main().getByText('5 GB is 4.66 GiB. Nothing would be removed now.').waitFor()
    await limit.press('Enter')
    await page.getByText('The limit is 4.66 GiB').waitFor({ state: 'attached' })
    await go('/storage')
    expect(await limit.inputValue()).toBe('5 GB')
  })

  it('says what can be freed, and frees it', async () => {
    for (const [seed, name] of ['cut/short', 'cut/off'].entries())
      await page.evaluate(pushBlob, { name, made: { seed, size: 2 ** 20 } })
    await go('/storage')
    await main().getByText('more may belong to an import or push that is still running').waitFor()
    await main().getByText('2.00 MiB that no image needs can be freed').waitFor()
    await main().getByRole('button', { name: 'Delete leftovers of cut/off' }).click()
    await row('cut/off').waitFor({ state: 'detached' })
    await main().getByText('1.00 MiB that no image needs can be freed').waitFor()
    await main().getByRole('button', { name: 'Free space now' }).click()
    await main().getByText('Freed 1.00 MiB that no image needs').waitFor()
    await main().getByText('There is nothing to free').waitFor()
    await row('cut/short').waitFor({ state: 'detached' })
  })

  it('connects to a peer, and removes it', async () => {
    const address = '/ip4/127.0.0.1/tcp/9/http'
    await go('/peers')
    await main().getByLabel('Address', { exact: true }).fill(address)
    await main().getByRole('button', { name: 'Connect' }).click()
    await main().getByRole('button', { name: 'Remove http://127.0.0.1:9' }).click()
    await main().getByRole('list', { name: 'Addresses' }).waitFor({ state: 'detached' })
  })

  it('shows the error messages of the registry', async () => {
    const archive = join(folder, 'notes.tar')
    await writeFile(archive, 'no archive at all')
    await dropFiles(page, [archive])
    await transfers()
      .getByRole('alert')
      .getByText(
        '"notes.tar" is a text file, not an image archive; make one by: docker save -o image.tar NAME.',
      )
      .waitFor()
    await go('/r/library/httpd:none')
    await main().getByRole('alert').getByText('No peer is connected.').waitFor()
  })

  it('opens at any address without a network', async () => {
    await go('/')
    await browser.context.setOffline(true)
    try {
      await main().getByText('Offline.').waitFor()
      await go('/r/library/httpd:2.4.65')
      await main().getByRole('heading', { name: '3 layers' }).waitFor()
      await dropFiles(page, [await makeDockerArchive(folder, ['offline:1'], 'offline.tar')])
      await transfers().getByRole('link', { name: 'offline:1' }).waitFor()
    } finally {
      await browser.context.setOffline(false)
    }
  })
})
