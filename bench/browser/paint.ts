/** When a page paints, and what is loaded before and after that. */
import type { BrowserContext, Page, Request } from 'playwright'

export interface Painted {
  /** Milliseconds from the beginning of the visit to the first paint with content. */
  readonly paint: number
  /** Milliseconds to the first view: what was last seen, or else what the registry answered. */
  readonly view: number
  /** Milliseconds until the registry had answered what the view shows. */
  readonly answer: number
  /** Of what came over the network before the first paint, and after it, until the network rests. */
  readonly before: Loaded
  readonly after: Loaded
}

export interface Loaded {
  readonly bytes: number
  /** Those which the page can do without until it is drawn. */
  readonly largeParts: number
}

/** The service worker, SQLite, and libp2p. */
const LARGE_PARTS = /\/sw\.js$|\.wasm$|\/peer-[^/]*\.js$/

/** Visits `url`, where nothing is held. */
export async function visitPainted(context: BrowserContext, url: string): Promise<Painted> {
  const requests: Request[] = []
  const listen = (request: Request) => requests.push(request)
  context.on('requestfinished', listen)
  const page = await context.newPage()
  await page.addInitScript(noteView)
  await page.goto(url)
  const paint = await firstPaint(page)
  await page.locator('.welcome').waitFor()
  await page.waitForLoadState('networkidle')
  context.off('requestfinished', listen)
  const origin = await page.evaluate(() => performance.timeOrigin)
  const isBefore = (request: Request) => request.timing().startTime < origin + paint
  return {
    paint,
    view: await page.evaluate(() => performance.getEntriesByName('view')[0]!.startTime),
    answer: await page.evaluate(answeredAt),
    before: await loadedOf(requests.filter(isBefore)),
    after: await loadedOf(requests.filter((request) => !isBefore(request))),
  }
}

/** Runs in the page: marks when the view is there, as asking for it from outside takes a tenth of a second. */
function noteView(): void {
  const observer = new MutationObserver(() => {
    if (!document.querySelector('.welcome')) return
    performance.mark('view')
    observer.disconnect()
  })
  observer.observe(document, { childList: true, subtree: true })
}

/** In milliseconds. It runs in the page. */
const answeredAt = (): number =>
  performance
    .getEntriesByType('resource')
    .find((entry) => entry.name.includes('/flotilla/storage?n=100'))
    ?.toJSON().responseEnd

/** In milliseconds. */
const firstPaint = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const { promise, resolve } = Promise.withResolvers<number>()
    const observer = new PerformanceObserver((list) => {
      const [entry] = list.getEntriesByName('first-contentful-paint')
      if (entry) resolve(entry.startTime)
    })
    observer.observe({ type: 'paint', buffered: true })
    return await promise
  })

async function loadedOf(requests: readonly Request[]): Promise<Loaded> {
  const sizes = await Promise.all(requests.map(sizeOf))
  const isLarge = (index: number) => LARGE_PARTS.test(requests[index]!.url())
  return {
    bytes: sum(sizes),
    largeParts: sum(sizes.filter((_, index) => isLarge(index))),
  }
}

/** What the service worker answers does not come over the network. */
async function sizeOf(request: Request): Promise<number> {
  const response = await request.response()
  if (!response || response.fromServiceWorker()) return 0
  return (await request.sizes()).responseBodySize
}

const sum = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)
