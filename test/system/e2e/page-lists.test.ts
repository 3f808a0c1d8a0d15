/** The lists of the page with a server that has images too: locations, search, pull, delete, undo. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../support/command.ts'
import { requirePrograms } from '../../support/programs.ts'
import { type Asked, pushBlob, pushImage, pushManifest } from '../../support/push.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { violationsIn } from './support/axe.ts'
import { openBrowser } from './support/browser.ts'
import { makeLayoutArchive } from './support/sample-image.ts'
import { type Site, servePage } from './support/site.ts'

const resources = new AsyncDisposableStack()
let site: Site
let page: Page

/** The registry of the server, and the one in the browser. */
const server: Asked = {
  fetch: (method, path, asking) => fetch(new URL(path, site.url), { method, ...asking } as RequestInit),
}
const here: Asked = {
  async fetch(method, path, { headers, body } = {}) {
    const asked = { method, path, headers, body: body as string | undefined }
    const [status, text] = await page.evaluate(async ({ path, body, ...init }) => {
      const response = await fetch(path, {
        ...init,
        ...(body !== undefined && { body: new Blob([body]) }),
      } as RequestInit)
      return [response.status, await response.text()] as const
    }, asked)
    return new Response(text, { status })
  },
}

beforeAll(async () => {
  await requirePrograms({ skopeo: 'skopeo' }, 'the tests of the lists push to the server with skopeo')
  const folder = resources.use(await openTemporaryFolder()).path
  site = resources.use(await servePage({ swarm: [] }))
  const archive = await makeLayoutArchive(folder, 'library/httpd:2.4')
  const options = ['-q', '--all', '--dest-tls-verify=false', '--preserve-digests']
  const target = `docker://${site.host}/library/httpd:2.4`
  await run('skopeo', ['copy', ...options, `oci-archive:${archive}:library/httpd:2.4`, target])
  await pushImage(server, 'team/web', { tag: '1.9', annotations: { of: 'the server' } })
  page = await resources.use(await openBrowser()).open(site.url)
})

afterAll(() => resources.disposeAsync())

const go = (path: string) => page.goto(`${site.url}${path}`)
const main = () => page.getByRole('main')
const dialog = () => page.getByRole('dialog')
const rows = () => main().locator('tbody tr')
const row = (name: string) => rows().filter({ has: page.getByRole('link', { name, exact: true }) })
const names = () => main().locator('.row-link').allTextContents()
const press = (name: string | RegExp) => page.getByRole('button', { name }).click()
const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim())
const ownRepositories = async () => {
  const read = async () => (await (await fetch('/flotilla/storage')).json()).repositories
  return (await page.evaluate(read)).map(({ name }: { name: string }) => name)
}
const ownTags = (repository: string) =>
  page.evaluate(async (path) => (await (await fetch(path)).json()).tags ?? [], `/v2/${repository}/tags/list`)

describe('a first visit', () => {
  it('shows what the server has, and what to do with it', async () => {
    await main().getByRole('heading', { name: 'On this server: 2 repositories' }).waitFor()
    await main().getByRole('heading', { name: 'Or import a file' }).waitFor()
    const text = (await main().textContent())!
    for (const word of ['peer', 'trust', 'evict', 'multiaddr']) expect(text.toLowerCase()).not.toContain(word)
    expect(await violationsIn(page)).toEqual([])
  })

  it('changes nothing by looking', async () => {
    await main().getByRole('link', { name: 'library/httpd' }).click()
    await row('2.4').getByText('2 platforms').waitFor()
    await row('2.4').getByText('server').waitFor()
    expect(await ownRepositories()).toEqual([])
  })

  it('pulls one platform from the list, under its tag', async () => {
    await go('/')
    await press('Pull library/httpd')
    await dialog().getByLabel('Platforms').selectOption('Only linux/arm64/v8')
    expect(await violationsIn(page)).toEqual([])
    await dialog().getByRole('button', { name: 'Pull', exact: true }).click()
    await main().getByRole('heading', { name: 'Images' }).waitFor()
    await row('library/httpd').getByText('this browser').waitFor()
    await row('library/httpd').getByText('server').waitFor()
    await main().getByRole('link', { name: 'library/httpd' }).click()
    await row('2.4').getByText('partly here').waitFor()
    await row('2.4').getByText('tag of the server').waitFor()
  })
})

describe('the repositories', () => {
  it('say where each one is, and can be filtered by location', async () => {
    for (const tag of ['1', '2', '10']) {
      await pushImage(here, 'team/tool', { tag, annotations: { of: tag } })
      await pushImage(here, 'team/web', { tag: `1.${tag}`, annotations: { of: tag } })
    }
    await go('/')
    await row('team/tool').waitFor()
    await main()
      .getByRole('radio', { name: /^Server/ })
      .check()
    await expect.poll(names).toEqual(['library/httpd', 'team/web'])
    await main()
      .getByRole('radio', { name: /^This browser/ })
      .check()
    await expect.poll(names).toEqual(['library/httpd', 'team/tool', 'team/web'])
    await main().getByRole('radio', { name: /^All/ }).check()
    expect(await violationsIn(page)).toEqual([])
  })

  it('are found and sorted by keyboard', async () => {
    await page.keyboard.press('/')
    await page.keyboard.type('web team')
    await expect.poll(names).toEqual(['team/web'])
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.press('Delete')
    await main().getByRole('button', { name: 'Size' }).focus()
    await page.keyboard.press('Enter')
    await main()
      .getByRole('columnheader', { name: 'Size' })
      .and(page.locator('[aria-sort=descending]'))
      .waitFor()
    expect((await names())[0]).toBe('library/httpd')
  })
})

describe('a repository', () => {
  it('sorts versions as people count them', async () => {
    await go('/r/team/web')
    await row('1.9').waitFor()
    await press('Tag')
    await expect.poll(names).toEqual(['1.1', '1.2', '1.9', '1.10'])
  })

  it('says that the server has a newer image under a tag', async () => {
    await pushImage(server, 'team/web', { tag: '1.1', annotations: { of: 'a newer one' } })
    await page.reload()
    await row('1.1').getByText('newer on the server').waitFor()
    await row('1.1').getByRole('button', { name: 'Pull 1.1' }).waitFor()
    await row('1.2').getByRole('button', { name: 'Push 1.2' }).waitFor()
  })

  it('shows signatures and SBOMs with their image, and untagged images separately', async () => {
    const layer = await pushBlob(here, 'team/tool', 'only of a lost image')
    const lost = { schemaVersion: 2, config: layer, layers: [] }
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const image = await pushManifest(here, 'team/tool', { ...lost, mediaType }, '2')
    await pushImage(here, 'team/tool', { subject: image, artifactType: 'application/spdx+json' })
    await go('/r/team/tool')
    await row('2').getByRole('link', { name: 'SBOM' }).waitFor()
    await main().getByText('1 image without a tag').click()
    expect(await violationsIn(page)).toEqual([])
  })

  it('deletes several tags at once, says how much space that frees, and undoes it', async () => {
    for (const tag of ['1', '2']) await main().getByLabel(`Select ${tag}`, { exact: true }).check()
    await press('Delete 2 tags…')
    await dialog().getByRole('heading', { name: 'Delete 2 tags of team/tool?' }).waitFor()
    await dialog()
      .getByText(/^This frees .* with 1 platform, signature or SBOM/)
      .waitFor()
    expect(await violationsIn(page)).toEqual([])
    await dialog().getByRole('button', { name: 'Delete 2 tags' }).click()
    await row('1').waitFor({ state: 'detached' })
    await expect.poll(focused).toBe('team/tool')
    expect(await violationsIn(page)).toEqual([])
    await page.keyboard.press('ControlOrMeta+z')
    await row('1').waitFor()
    expect(await ownTags('team/tool')).toEqual(['1', '10', '2'])
  })

  it('deletes an image of a row when the page is left', async () => {
    await row('1').getByRole('button', { name: 'Delete 1' }).click()
    await dialog().getByRole('heading', { name: 'Delete team/tool:1?' }).waitFor()
    await dialog().getByRole('button', { name: 'Delete' }).click()
    await row('1').waitFor({ state: 'detached' })
    await expect.poll(focused).toBe('10')
    expect(await ownTags('team/tool')).toContain('1')
    await go('/storage')
    await expect.poll(() => ownTags('team/tool')).toEqual(['10', '2'])
  })
})

it('deletes a repository here when its time is over, and pulls it from the server again', async () => {
  await go('/')
  await press('Delete team/web')
  await dialog().getByRole('heading', { name: 'Delete team/web?' }).waitFor()
  await dialog().getByText('stays there').waitFor()
  await dialog().getByRole('button', { name: 'Delete repository' }).click()
  await row('team/web').getByText('this browser').waitFor({ state: 'detached' })
  await row('team/web').getByText('server').waitFor()
  await expect.poll(ownRepositories).not.toContain('team/web')
  await main().getByRole('link', { name: 'team/web' }).click()
  await press('Pull 1.9')
  await row('1.9').getByText('this browser').waitFor()
})

it('hides nothing on narrow screens, and breaks no digest', async () => {
  for (const width of [390, 768]) {
    await page.setViewportSize({ width, height: 800 })
    await go('/r/library/httpd')
    for (const text of ['2 platforms', 'pushed', 'partly here', 'tag of the server', 'MiB'])
      await row('2.4').getByText(text).first().waitFor()
    const digest = await row('2.4').locator('.digest').boundingBox()
    expect(digest!.height).toBeLessThan(30)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
  }
})

it('shows local images without the server, and says that it is unreachable', async () => {
  await go('/')
  await row('library/httpd').getByText('server').waitFor()
  await site.kill()
  await main().getByText('The server that this page comes from cannot be reached').waitFor()
  await row('library/httpd').getByText('server').waitFor({ state: 'detached' })
  await row('library/httpd').waitFor()
  await page.reload()
  await row('team/tool').waitFor()
})
