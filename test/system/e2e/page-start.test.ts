/** How the page starts: at once if its worker is installed, and with an explanation if the registry cannot run. */
import { once } from 'node:events'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from 'playwright'
import sirv from 'sirv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OLDEST } from '../../../src/browser/engine/oldest.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { violationsIn } from './support/axe.ts'
import { openBrowser, stopWorkers, type Visitor } from './support/browser.ts'
import { servePage } from './support/site.ts'
import { serveFolder } from './support/static-host.ts'

const resources = new AsyncDisposableStack()
let browser: Visitor

beforeAll(async () => {
  browser = resources.use(
    await openBrowser(undefined, {
      args: ['--no-sandbox', '--host-resolver-rules=MAP registry.lan 127.0.0.1'],
    }),
  )
})

afterAll(() => resources.disposeAsync())

describe('with a worker', () => {
  it('waits for no update check', async () => {
    await using site = await serveHanging()
    const first = await browser.open(site.url)
    site.hang()
    await first.evaluate(
      () => void navigator.serviceWorker.ready.then((registration) => registration.update()),
    )
    await site.isAsked()
    const page = await first.context().newPage()
    await page.goto(site.url)
    await page.getByRole('heading', { name: 'A container registry in this browser' }).waitFor()
    await page.getByRole('heading', { name: 'Import a file' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Import a file' }).waitFor()
  })

  it('opens the registry where a page is opened, before that asks', async () => {
    await using site = await serveFolder('dist/page')
    const page = await browser.open(site.url)
    await using silent = await withoutScripts(page)
    await page.goto('about:blank')
    await stopWorkers(page)
    await page.goto(`${site.url}/flotilla/reset.html`)
    await page.getByRole('heading').first().waitFor()
    expect(await locksIn(page)).not.toContain('flotilla-store')
    await page.goto(site.url)
    await expect.poll(() => locksIn(page)).toContain('flotilla-store')
    expect(await silent.asked()).toEqual([])
  })

  it('shows the last list while the registry opens', async () => {
    await using site = await serveFolder('dist/page')
    const first = await browser.open(site.url)
    await first.getByRole('heading', { name: 'Import a file' }).waitFor()
    await first.goto(`${site.url}/flotilla/reset.html`)
    await stopWorkers(first)
    await first.evaluate(() => {
      void navigator.locks.request('flotilla-store', { steal: true }, () => new Promise(() => {}))
    })
    const page = await browser.context.newPage()
    await page.goto(site.url)
    await page.getByRole('heading', { name: 'Import a file' }).waitFor()
    expect(await namesOf(page)).not.toContain('/flotilla/storage?n=100&last=')
    await first.close()
    await expect.poll(() => namesOf(page)).toContain('/flotilla/storage?n=100&last=')
  })

  it('requests at first only what it shows', async () => {
    await using site = await serveFolder('dist/page')
    await browser.open(site.url)
    const page = await browser.context.newPage()
    await page.goto(site.url)
    await page.getByRole('heading', { name: 'Import a file' }).waitFor()
    await page.waitForLoadState('networkidle')
    const times = await page.evaluate(() =>
      performance.getEntriesByType('resource').map((entry) => {
        const { name, startTime, responseStart } = entry as PerformanceResourceTiming
        return { name: name.slice(location.origin.length), startTime, responseStart }
      }),
    )
    const answered = Math.min(
      ...times.filter(({ name }) => name.startsWith('/flotilla/')).map(({ responseStart }) => responseStart),
    )
    const later = times.filter(({ startTime }) => startTime >= answered).map(({ name }) => name)
    expect(times.map(({ name }) => name)).toContain('/flotilla/storage?n=100&last=')
    expect(later).not.toContain('/flotilla/storage?n=100&last=')
    expect(times.map(({ name }) => name)).not.toContain('/flotilla/storage?n=0&last=')
    for (const part of [/assets.part-/, /assets.start-/, /assets.address-notice-/, /page-address$/])
      expect(later).toContainEqual(expect.stringMatching(part))
  })
})

/** Responses to a page, by path. */
const namesOf = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => name.slice(location.origin.length)),
  )

/** For a page of which only its requests matter. */
async function withoutScripts(page: Page) {
  const session = await page.context().newCDPSession(page)
  await session.send('Emulation.setScriptExecutionDisabled', { value: true })
  return {
    /** Of the registry. */
    asked: () =>
      page.evaluate(() =>
        performance
          .getEntriesByType('resource')
          .map(({ name }) => new URL(name).pathname)
          .filter((path) => path.startsWith('/flotilla/')),
      ),
    [Symbol.asyncDispose]: () => session.detach(),
  }
}

const locksIn = (page: Page): Promise<(string | undefined)[]> =>
  page.evaluate(async () => (await navigator.locks.query()).held!.map(({ name }) => name))

/** A host for files that, once it hangs, never responds to requests for the worker's script. */
async function serveHanging() {
  const files = sirv('dist/page', { dev: true, single: true })
  const asked = Promise.withResolvers<void>()
  let isHanging = false
  const server = createServer((request, response) => {
    if (!isHanging || request.url !== '/sw.js') return files(request, response)
    asked.resolve()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hang: () => {
      isHanging = true
    },
    isAsked: () => asked.promise,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

const main = (page: Page) => page.getByRole('main')

/** What every such explanation has, and nothing of a working page. */
async function expectOnePage(page: Page, title: string): Promise<void> {
  await main(page).getByRole('heading', { level: 1, name: title }).waitFor()
  for (const name of ['What you can do', 'What still works'])
    await main(page).getByRole('heading', { name }).waitFor()
  expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
  expect(await page.getByRole('alert').count()).toBe(0)
  expect(await page.getByText('could not be read').count()).toBe(0)
  expect(await page.title()).toBe(`${title} – Flotilla`)
  expect(await page.getByRole('button', { name: 'Pull', exact: true }).isDisabled()).toBe(true)
  expect(await violationsIn(page)).toEqual([])
}

it('without its script, the page says which browsers it is for', async () => {
  await using site = await serveFolder('dist/page')
  const page = await browser.context.newPage()
  await page.route('**/assets/*.js', (route) => route.abort())
  await page.goto(site.url)
  const { chrome, firefox, safari } = OLDEST
  await page.getByText(`Chrome or Edge ${chrome}, Firefox ${firefox}, Safari ${safari}`).waitFor()
})

describe('a page says what is missing', () => {
  /** Runs before the page's scripts. */
  const hindrances: [string, string, () => void][] = [
    [
      'This browser is too old for the page',
      'It does not have Promise.withResolvers.',
      () => Reflect.deleteProperty(Promise, 'withResolvers'),
    ],
    [
      'No registry in this window',
      'normal window',
      () => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'),
    ],
    [
      'This browser is too old for the page',
      'It does not have StorageManager.estimate.',
      () => Reflect.deleteProperty(StorageManager.prototype, 'estimate'),
    ],
    [
      'No storage in this window',
      'The browser says: SecurityError: not here',
      () => {
        IDBFactory.prototype.databases = () => Promise.reject(new DOMException('not here', 'SecurityError'))
      },
    ],
    [
      'The browser does not let the registry run',
      'a certificate that this browser trusts',
      () => {
        ServiceWorkerContainer.prototype.register = () =>
          Promise.reject(new DOMException('no', 'SecurityError'))
      },
    ],
  ]

  it.each(hindrances)('%s: %s', async (title, text, hinder) => {
    await using site = await serveFolder('dist/page')
    await using visitor = await openBrowser()
    await visitor.context.addInitScript(hinder)
    const page = await visitor.context.newPage()
    for (const path of ['/', '/storage', '/r/library/alpine:latest']) {
      await page.goto(`${site.url}${path}`)
      await expectOnePage(page, title)
      await main(page).getByText(text).first().waitFor()
    }
  })

  it('an address that is not secure, with the ways to one that is', async () => {
    await using site = await servePage({ config: INSECURE })
    const page = await browser.context.newPage()
    const { port } = new URL(site.url)
    await page.goto(`http://registry.lan:${port}/`)
    await expectOnePage(page, 'The registry needs a secure address')
    await main(page)
      .getByRole('link', { name: `http://localhost:${port}/` })
      .first()
      .waitFor()
    await main(page).getByText(`docker push registry.lan:${port}/NAME:TAG`).waitFor()
  })

  it.each([
    ['is not there', undefined],
    ['does not run', 'throw new Error("broken")'],
  ])('a worker whose script %s', async (_, script) => {
    await using folder = await openTemporaryFolder()
    await cp('dist/page', folder.path, { recursive: true })
    const worker = join(folder.path, 'sw.js')
    const whole = await readFile(worker, 'utf8')
    await using site = await serveFolder(folder.path)
    await using visitor = await openBrowser()
    await writeFile(worker, script ?? '<!doctype html>')
    const page = await visitor.context.newPage()
    await page.goto(site.url)
    await expectOnePage(page, 'The registry did not start')
    await writeFile(worker, whole)
    await main(page).getByRole('button', { name: 'Try again' }).click()
    await main(page).getByRole('heading', { name: 'Import a file' }).waitFor()
  })
})

const INSECURE = `
version: 0.1
storage: { inmemory: {} }
http: { hosts: [registry.lan] }
`
