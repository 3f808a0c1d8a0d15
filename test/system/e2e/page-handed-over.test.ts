/** Imports in an engine that cannot send streams: files are sent to the service worker by message, even if it is stopped. */
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { openBrowser, stopWorkers } from './support/browser.ts'
import { dropFiles } from './support/drop.ts'
import { filesOf } from './support/in-page.ts'
import { makeDockerArchive } from './support/sample-image.ts'
import { serveFolder } from './support/static-host.ts'

const resources = new AsyncDisposableStack()
let folder: string
let archive: string

beforeAll(async () => {
  folder = resources.use(await openTemporaryFolder()).path
  archive = await makeDockerArchive(folder, ['team/large:1'], 'large.tar', 5)
})

afterAll(() => resources.disposeAsync())

/** @param worker - changes its script */
async function visit(worker = (script: string) => script) {
  await using opened = new AsyncDisposableStack()
  const copy = opened.use(await openTemporaryFolder()).path
  await cp('dist/page', copy, { recursive: true })
  const script = join(copy, 'sw.js')
  await writeFile(script, worker(await readFile(script, 'utf8')))
  const site = opened.use(await serveFolder(copy))
  const browser = opened.use(await openBrowser())
  await browser.context.addInitScript(sendNoStreams)
  const page = await browser.open(site.url)
  const blobsSent: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'PUT' && request.url().includes('/blobs/')) blobsSent.push(request.url())
  })
  const undo = opened.move()
  return { page, blobsSent, [Symbol.asyncDispose]: () => undo.disposeAsync() }
}

/** Runs in the page before its scripts: a stream as a body is converted to a string, as in Firefox. */
function sendNoStreams(): void {
  const Streaming = Request
  window.Request = class extends Streaming {
    constructor(input: RequestInfo | URL, init?: RequestInit) {
      super(input, init?.body instanceof ReadableStream ? { ...init, body: String(init.body) } : init)
    }
  }
}

const isImported = (page: Page) =>
  page.getByRole('link', { name: 'team/large:1' }).first().waitFor({ timeout: 120_000 })

const isUnderWay = (page: Page) =>
  expect.poll(() => page.evaluate(filesOf)).toContainEqual(expect.stringMatching(/^uploads\//))

it('imports a file without sending it by fetch', async () => {
  await using visited = await visit()
  const { page, blobsSent } = visited
  await dropFiles(page, [archive])
  await isImported(page)
  expect(blobsSent).toEqual([])
})

it('continues with the next worker when one is stopped', async () => {
  await using visited = await visit()
  const { page, blobsSent } = visited
  await dropFiles(page, [archive])
  await isUnderWay(page)
  await stopWorkers(page)
  await isImported(page)
  expect(blobsSent).toEqual([])
})

it('leaves nothing when it is cancelled', async () => {
  await using visited = await visit()
  const { page } = visited
  await dropFiles(page, [archive])
  await isUnderWay(page)
  await page.getByRole('button', { name: 'Cancel large.tar' }).click()
  await expect.poll(() => page.evaluate(filesOf)).not.toContainEqual(expect.stringMatching(/^uploads\//))
})

it('is sent by fetch to a worker of a version that knows no such messages', async () => {
  await using visited = await visit((script) => script.replaceAll('handed over', 'unknown'))
  const { page, blobsSent } = visited
  await dropFiles(page, [archive])
  await isImported(page)
  expect(blobsSent).not.toEqual([])
})
