/** The menu: help, settings, version, reset; all by keyboard. */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { violationsIn } from './support/axe.ts'
import { openBrowser } from './support/browser.ts'
import { servePage } from './support/site.ts'

const resources = new AsyncDisposableStack()
let page: Page

beforeAll(async () => {
  const site = resources.use(await servePage())
  page = await resources.use(await openBrowser()).open(site.url)
})

afterAll(() => resources.disposeAsync())

const button = () => page.getByRole('button', { name: 'Menu', exact: true })
const menu = () => page.locator('#menu')

async function choose(item: string): Promise<void> {
  await button().focus()
  await page.keyboard.press('Enter')
  await menu().getByRole('button', { name: item }).focus()
  await page.keyboard.press('Enter')
}

it('opens and closes by keyboard, and shows the version', async () => {
  await button().focus()
  await page.keyboard.press('Enter')
  const { version } = JSON.parse(await readFile('package.json', 'utf8'))
  await menu().getByText(`Flotilla ${version}`).waitFor()
  expect(await button().getAttribute('aria-expanded')).toBe('true')
  expect(await violationsIn(page)).toEqual([])
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Help')
  expect(await menu().getByRole('link', { name: 'Reset' }).getAttribute('href')).toBe('/flotilla/reset')
  await page.keyboard.press('Escape')
  await menu().waitFor({ state: 'hidden' })
})

it('has help', async () => {
  await choose('Help')
  const dialog = page.getByRole('dialog', { name: 'Help' })
  for (const name of ['By keyboard', 'For programs']) await dialog.getByRole('heading', { name }).waitFor()
  expect(await violationsIn(page)).toEqual([])
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  expect(await button().evaluate((element) => element === document.activeElement)).toBe(true)
})

it('keeps what is set', async () => {
  await choose('Settings')
  const age = page.getByRole('dialog', { name: 'Settings' }).getByLabel('Ask peers again for a pulled tag')
  await age.selectOption('after a day')
  expect(await violationsIn(page)).toEqual([])
  await age.press('Tab')
  await page.getByRole('button', { name: 'Save' }).press('Enter')
  await age.waitFor({ state: 'hidden' })
  const settings = await page.evaluate(async () => (await fetch('/flotilla/settings')).json())
  expect(settings.tagAge).toBe(86_400_000)
  await page.reload()
  await choose('Settings')
  expect(await age.evaluate((element) => (element as HTMLSelectElement).selectedOptions[0]!.text)).toBe(
    'after a day',
  )
  await page.keyboard.press('Escape')
})

it('resets', async () => {
  await button().click()
  await menu().getByRole('link', { name: 'Reset' }).click()
  await page.getByRole('heading', { name: 'Reset Flotilla in this browser' }).waitFor()
})
