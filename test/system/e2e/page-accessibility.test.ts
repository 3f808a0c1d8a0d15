/** Accessibility: no violation that axe-core knows, everything by keyboard, any width. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { violationsIn } from './support/axe.ts'
import { openBrowser } from './support/browser.ts'
import { dropFiles } from './support/drop.ts'
import { makeDockerArchive, makeLayoutArchive } from './support/sample-image.ts'
import { type Site, servePage } from './support/site.ts'

const resources = new AsyncDisposableStack()
let site: Site
let page: Page
let folder: string

beforeAll(async () => {
  folder = resources.use(await openTemporaryFolder()).path
  site = resources.use(await servePage())
  page = await resources.use(await openBrowser()).open(site.url)
})

afterAll(() => resources.disposeAsync())

/** Each view with a text that it has once it is complete. */
const VIEWS: readonly (readonly [name: string, path: string, sign: string])[] = [
  ['repositories', '/', 'stored here'],
  ['a repository', '/r/library/httpd', '2 platforms'],
  ['an index', '/r/library/httpd:2.4', 'linux/arm64/v8'],
  ['an image', '/r/library/httpd:2.4.65', 'SIGWINCH'],
  ['a missing image', '/r/library/httpd:none', 'No peer is connected'],
  ['storage', '/storage', 'By repository'],
  ['peers', '/peers', 'This browser'],
  ['no such page', '/r/NO', 'No such page'],
]

const go = async (path: string, sign: string) => {
  await page.goto(`${site.url}${path}`)
  await page.getByRole('main').getByText(sign).first().waitFor()
}

describe.each(['light', 'dark'] as const)('in a %s scheme', (colorScheme) => {
  beforeAll(() => page.emulateMedia({ colorScheme }))

  it('has no violation at the start', async () => {
    await page.goto(site.url)
    await page.getByRole('heading', { name: /Images|A container registry/ }).waitFor()
    expect(await violationsIn(page)).toEqual([])
  })

  it('has none while images come', async () => {
    await dropFiles(page, [
      await makeDockerArchive(folder, ['library/httpd:2.4.65'], 'httpd.tar'),
      await makeLayoutArchive(folder, 'library/httpd:2.4'),
      await makeDockerArchive(folder, [], 'unnamed.tar'),
    ])
    await page.getByLabel(/Import it as/).waitFor()
    expect(await violationsIn(page)).toEqual([])
    await page.getByRole('button', { name: 'Cancel unnamed.tar' }).click()
    const transfers = page.getByRole('region', { name: /transfer/i })
    for (const name of ['library/httpd:2.4.65', 'library/httpd:2.4'])
      await transfers.getByRole('link', { name, exact: true }).first().waitFor()
  })

  it.each(VIEWS)('has none in %s', async (_, path, sign) => {
    await go(path, sign)
    for (const summary of await page.locator('main summary').all()) await summary.click()
    expect(await violationsIn(page)).toEqual([])
  })

  it.each(['Import', 'Pull'])('has none in the dialog to %s', async (name) => {
    await go('/', 'stored here')
    await page.getByRole('button', { name, exact: true }).click()
    await page.getByRole('dialog').waitFor()
    expect(await violationsIn(page)).toEqual([])
  })
})

describe.each([360, 800, 1600])('%i pixels wide', (width) => {
  beforeAll(() => page.setViewportSize({ width, height: 800 }))

  it.each(VIEWS)('shows %s without scrolling sideways', async (_, path, sign) => {
    await go(path, sign)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    )
  })
})

describe('by keyboard', () => {
  const focused = () =>
    page.evaluate(() => {
      const { activeElement: element } = document
      return (element?.getAttribute('aria-label') ?? element?.textContent ?? '').trim()
    })
  const tabTo = async (name: string) => {
    await page.getByText(name).first().waitFor({ state: 'attached' })
    for (let count = 0; count < 60; count++) {
      await page.keyboard.press('Tab')
      if ((await focused()).startsWith(name)) return
    }
    throw new Error(`${name} is not reached`)
  }

  beforeAll(async () => {
    await page.setViewportSize({ width: 1200, height: 800 })
    await page.goto(site.url)
    await page.getByRole('button', { name: 'Clear' }).click() // ended transfers have the same image names
  })

  it('skips to the content', async () => {
    await go('/', 'stored here')
    await tabTo('Skip to content')
    await page.keyboard.press('Enter')
    await tabTo('library/httpd')
  })

  it('goes into a repository and an image, the heading first', async () => {
    await page.keyboard.press('Enter')
    await expect.poll(focused).toBe('library/httpd')
    await tabTo('2.4.65')
    await page.keyboard.press('Enter')
    await expect.poll(focused).toBe('library/httpd:2.4.65')
  })

  it('opens a dialog, leaves it, and is where it was', async () => {
    await tabTo('Delete…')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(focused).toBe('Delete…')
  })

  it('goes back as far as it came', async () => {
    await page.goBack()
    await page.getByRole('heading', { name: 'library/httpd', exact: true }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: 'Images' }).waitFor()
  })
})
