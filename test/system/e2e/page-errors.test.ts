/** What the page says when something fails, and that the rest of it goes on. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../../support/digest.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { tarOf } from '../../unit/core/archive/tars.ts'
import { openBrowser, type Visitor } from './support/browser.ts'
import { dropFiles } from './support/drop.ts'
import { type Site, servePage } from './support/site.ts'

const CONFIG = JSON.stringify({
  os: 'linux',
  config: { User: 'me' },
  rootfs: { type: 'layers', diff_ids: [digestOf('one')] },
})

const resources = new AsyncDisposableStack()
let site: Site
let browser: Visitor
let page: Page
let folder: string
const errors: string[] = []

beforeAll(async () => {
  folder = resources.use(await openTemporaryFolder()).path
  site = resources.use(await servePage())
  browser = resources.use(await openBrowser())
  page = await browser.open(site.url)
  page.on('pageerror', (error) => errors.push(String(error.stack)))
  await dropFiles(page, [await archiveOf('one', 'app.tar')])
  await page.getByRole('link', { name: 'team/app:1' }).waitFor()
})

afterAll(() => resources.disposeAsync())

beforeEach(async () => {
  await page.context().setOffline(false)
  await page.goto(site.url)
})

async function archiveOf(layer: string | Uint8Array<ArrayBuffer>, file: string): Promise<string> {
  const path = join(folder, file)
  const entries = [
    ['layer.tar', layer],
    ['config.json', CONFIG.replace(digestOf('one'), digestOf(layer))],
    [
      'manifest.json',
      JSON.stringify([{ Config: 'config.json', RepoTags: ['team/app:1'], Layers: ['layer.tar'] }]),
    ],
  ] as const
  await writeFile(path, await tarOf(entries))
  return path
}

const main = () => page.getByRole('main')
const alert = () => main().getByRole('alert')
const go = (link: string) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: link }).click()
const visit = (path: string) => page.evaluate((path) => void navigation.navigate(path), path)

/** Responds to the page's requests whose URL contains `part`, until the page is loaded again. */
const answer = (part: string, status: number, body: string) =>
  page.evaluate(
    ({ part, status, body }) => {
      const { fetch } = window
      window.fetch = async (...asked) => {
        const url = asked[0] instanceof Request ? asked[0].url : String(asked[0])
        return url.includes(part) ? new Response(body, { status }) : await fetch(...asked)
      }
    },
    { part, status, body },
  )

const refusal = (code: string, message: string) => JSON.stringify({ errors: [{ code, message }] })

describe('an error', () => {
  it('of a view stays in it, and is forgotten with the next one', async () => {
    await answer('/flotilla/storage', 200, '{"bytes": null, "repositories": []}')
    await go('Storage')
    await alert().getByText('This view could not be shown.').waitFor()
    await go('Peers')
    await main().getByRole('heading', { name: 'Peers', exact: true }).waitFor()
    expect(await alert().count()).toBe(0)
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByRole('dialog').getByRole('heading', { name: 'Import images' }).waitFor()
    expect(errors.splice(0)).toEqual([])
  })

  it('of a part leaves the other parts usable', async () => {
    await answer('/flotilla/blobs/', 200, '{"origins": null}')
    await visit('/r/team/app:1')
    await alert().getByText('The layers could not be shown.').waitFor()
    for (const heading of ['Config', 'Signatures and SBOMs'])
      await main().getByRole('heading', { name: heading }).waitFor()
    expect(errors.splice(0)).toEqual([])
  })

  it.each([
    [404, refusal('BLOB_UNKNOWN', 'blob unknown to registry'), 'Blob unknown to registry.'],
    [500, 'Oops', 'The registry answers 500.'],
    [200, '<html>', ''],
  ])('of the config leaves the layers: %i %s', async (status, body, text) => {
    await answer('/blobs/', status, body)
    await visit('/r/team/app:1')
    await main().getByRole('heading', { name: '1 layer' }).waitFor()
    const problem = alert().filter({ hasText: 'The config of this image could not be read.' })
    if (text) await problem.filter({ hasText: text }).waitFor()
    else expect(await alert().count()).toBe(0)
    expect(errors.splice(0)).toEqual([])
  })

  it('of a button is shown next to it', async () => {
    const image = await page.evaluate(async () => {
      const { images } = await (await fetch('/flotilla/images?repository=team/app')).json()
      return { ...images[0], source: 'peers' } // pushed and imported images are never evicted
    })
    await answer('/flotilla/images', 200, JSON.stringify({ images: [image] }))
    await answer('/flotilla/kept/', 500, refusal('UNKNOWN', 'storage failed'))
    await visit('/r/team/app:1')
    await main().getByRole('button', { name: 'Keep when space runs out' }).click()
    await alert().getByText('That did not work. Storage failed.').waitFor()
    expect(errors.splice(0)).toEqual([])
  })
})

describe('what is not there', () => {
  const missing = `/r/team/app@${digestOf('nobody has this')}`

  it('is reported as not found, with the peers', async () => {
    await visit(missing)
    await alert().getByText('No peer is connected.').waitFor()
    await alert().getByRole('button', { name: 'Try again' }).waitFor()
    await alert().getByRole('link', { name: 'Connect a peer' }).waitFor()
  })

  it('is reported as unreachable without a network', async () => {
    await page.context().setOffline(true)
    await visit(missing)
    await alert().getByText('This browser is offline').waitFor()
  })
})

it('a push that does not fit on the disk says what to do', async () => {
  await using small = await openBrowser()
  await small.limitStorage(site.url, 24 * 2 ** 20)
  page = await small.open(site.url)
  await dropFiles(page, [await archiveOf(new Uint8Array(64 * 2 ** 20), 'large.tar')])
  const transfers = page.getByRole('region', { name: /transfer/i })
  await transfers.getByText('free space under Storage').waitFor()
})
