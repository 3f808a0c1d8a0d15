/**
 * Chromium and Firefox as engines, both by Puppeteer, because Playwright only drives its own build of Firefox.
 */
import puppeteer, { type ElementHandle, type LaunchOptions, type Page } from 'puppeteer-core'
import type { Json, OpenBrowser } from './port.ts'

export type { LaunchOptions } from 'puppeteer-core'

/** Milliseconds for one step in a page, on a busy machine. */
const PATIENCE = 120_000

export async function launch(options: LaunchOptions): Promise<OpenBrowser> {
  const browser = await puppeteer.launch({ ...options, protocolTimeout: PATIENCE })
  const [page] = await browser.pages()
  return browserOf(page ?? (await browser.newPage()), () => browser.close())
}

export function browserOf(page: Page, close: () => Promise<void>): OpenBrowser {
  page.setDefaultTimeout(PATIENCE)
  return {
    goto: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    run: <A extends Json, R>(work: (argument: A) => R | Promise<R>, argument: A) =>
      page.evaluate(work as (argument: unknown) => R | Promise<R>, argument) as Promise<R>,
    async chooseFiles(selector, paths) {
      const input = await page.$(selector)
      if (!input) throw new Error(`there is no ${selector}`)
      await (input as ElementHandle<HTMLInputElement>).uploadFile(...paths)
    },
    [Symbol.asyncDispose]: close,
  }
}
