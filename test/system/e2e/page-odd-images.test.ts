/** Whatever an image says, the page shows the rest of it, and goes on afterwards. */

import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf } from '../../support/digest.ts'
import { openBrowser, type Visitor } from './support/browser.ts'
import { CHILD, ODD_IMAGES } from './support/odd-images.ts'
import { type Site, servePage } from './support/site.ts'

const resources = new AsyncDisposableStack()
let site: Site
let browser: Visitor
let page: Page
const errors: string[] = []

beforeAll(async () => {
  site = resources.use(await servePage())
  browser = resources.use(await openBrowser())
  page = await browser.open(site.url)
  page.on('pageerror', (error) => errors.push(String(error.stack)))
})

afterAll(() => resources.disposeAsync())

const main = () => page.getByRole('main')
const go = (link: string) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: link }).click()

/** Nothing is left of the previous view, and nothing was thrown. */
async function expectOrder(): Promise<void> {
  await go('Storage')
  await main().getByRole('heading', { name: 'Storage', exact: true }).waitFor()
  expect(
    await main()
      .getByRole('heading', { name: /layer|blob|Manifest/ })
      .count(),
  ).toBe(0)
  await go('Images')
  await main().getByRole('heading', { name: 'Images' }).waitFor()
  expect(errors.splice(0)).toEqual([])
}

describe('an image with', () => {
  it.each(Object.entries(ODD_IMAGES))(
    '%s',
    async (name, { mediaType, manifest, blobs, headings, texts = [] }) => {
      const repository = `odd/${name}`
      await page.evaluate(push, { repository, reference: digestOf(CHILD.manifest), ...CHILD })
      const pushed = { repository, reference: '1', mediaType, blobs, manifest: JSON.stringify(manifest) }
      await page.evaluate(push, pushed)

      await page.evaluate((path) => navigation.navigate(path), `/r/${repository}:1`)

      for (const heading of headings)
        await main().getByRole('heading', { name: heading, exact: true }).waitFor()
      for (const text of texts) await main().getByText(text).first().waitFor()
      expect(await main().getByRole('alert').allTextContents()).toEqual([])
      await expectOrder()
    },
  )
})

interface Pushed {
  readonly repository: string
  readonly reference: string
  readonly mediaType: string
  readonly manifest: string
  readonly blobs: readonly string[]
}

/** Runs in the page. */
async function push({ repository, reference, mediaType, manifest, blobs }: Pushed): Promise<void> {
  const post = async (method: string, path: string, body: Blob) => {
    const response = await fetch(`/v2/${repository}/${path}`, { method, body })
    if (response.status !== 201) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  }
  for (const blob of blobs) {
    const content = new Blob([blob], { type: 'application/octet-stream' })
    await post('POST', `blobs/uploads/?digest=${await window.digestOf(content)}`, content)
  }
  await post('PUT', `manifests/${reference}`, new Blob([manifest], { type: mediaType }))
}
