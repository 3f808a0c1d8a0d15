/** A real browser for one test: what its workers fail with is kept, as no page is told. */
import { type BrowserContext, type CDPSession, chromium, type LaunchOptions, type Page } from 'playwright'
import { chromiumOptions } from '../../../support/chromium.ts'
import { provideContent } from './content.ts'

export interface Visitor extends AsyncDisposable {
  readonly context: BrowserContext
  /** Opens the page that is served at `url`, and waits until its service worker answers for it. */
  open(url: string): Promise<Page>
  /** So many bytes for all that is kept for the origin of `url`; before it is opened. */
  limitStorage(url: string, bytes: number): Promise<void>
  /** Ends it without warning (SIGKILL). */
  kill(): Promise<void>
}

/** Without a profile everything is forgotten at the end. */
export async function openBrowser(profile?: string, options: LaunchOptions = {}): Promise<Visitor> {
  const launchOptions = { ...chromiumOptions(), ...options }
  if (profile !== undefined)
    return await visitorOf(await chromium.launchPersistentContext(profile, launchOptions))
  const browser = await chromium.launch(launchOptions)
  return await visitorOf(await browser.newContext(), () => browser.close())
}

export interface SharedBrowser extends AsyncDisposable {
  /** Someone else each time: nothing that is kept in the browser is shared. */
  visit(): Promise<Visitor>
}

/** One browser for the tests of a file that need none of their own. */
export async function openSharedBrowser(): Promise<SharedBrowser> {
  const browser = await chromium.launch(chromiumOptions())
  return {
    visit: async () => await visitorOf(await browser.newContext()),
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

async function visitorOf(context: BrowserContext, close = () => context.close()): Promise<Visitor> {
  await context.addInitScript(provideContent)
  return {
    context,
    async open(url) {
      const page = await context.newPage()
      reportWorkerErrors(await debuggerOf(page))
      await page.goto(url)
      await controlled(page)
      return page
    },
    async limitStorage(url, bytes) {
      const session = await context.newCDPSession(await context.newPage())
      await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(url).origin, quotaSize: bytes })
    },
    async kill() {
      const closed = new Promise((resolve) => context.once('close', resolve))
      process.kill(await processOf(context), 'SIGKILL')
      await closed
    },
    [Symbol.asyncDispose]: close,
  }
}

/** The id of the browser's first process, with which all others end. */
async function processOf(context: BrowserContext): Promise<number> {
  const session = await context.browser()!.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  return processInfo.find(({ type }) => type === 'browser')!.id
}

/** Until the service worker answers for the page. */
export const controlled = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated')

/** As the browser does with one that is idle, or when it needs the memory. The next request starts it again. */
export async function stopWorkers(page: Page): Promise<void> {
  const session = await debuggerOf(page)
  await session.send('ServiceWorker.stopAllWorkers')
  await session.detach()
}

export async function debuggerOf(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page)
  await session.send('ServiceWorker.enable')
  return session
}

/** The only one who is told why a worker does not start. */
function reportWorkerErrors(session: CDPSession): void {
  session.on('ServiceWorker.workerErrorReported', ({ errorMessage }) => {
    const { errorMessage: text, sourceURL, lineNumber } = errorMessage
    console.error(`service worker: ${text} (${sourceURL}:${lineNumber})`)
  })
}
