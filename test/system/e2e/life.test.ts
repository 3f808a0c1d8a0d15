/** The life cycle of the service worker: first visit, no network, new versions, removal. */
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { controlled, openSharedBrowser, type SharedBrowser, stopWorkers } from './support/browser.ts'
import type { Made } from './support/content.ts'
import { filesOf, pullBlob, pushBlob } from './support/in-page.ts'
import { type Site, servePage } from './support/site.ts'
import { changeWorker, serveFolder } from './support/static-host.ts'

const MADE = { seed: 1, size: 3_000_001 }

const resources = new AsyncDisposableStack()
let site: Site
let shared: SharedBrowser

beforeAll(async () => {
  site = resources.use(await servePage())
  shared = resources.use(await openSharedBrowser())
})

afterAll(() => resources.disposeAsync())

/** A first visit. */
async function setUp() {
  const browser = await shared.visit()
  const page = await browser.open(site.url)
  return { browser, page, [Symbol.asyncDispose]: () => browser[Symbol.asyncDispose]() }
}

const isControlled = (page: Page) => page.evaluate(() => navigator.serviceWorker.controller !== null)

describe('a visit', () => {
  it('has a registry at the first one, and without a network at the next', async () => {
    await using visit = await setUp()
    const { page, browser } = visit
    const digest = await page.evaluate(pushBlob, { name: 'a', made: MADE })

    await browser.context.setOffline(true)
    await page.goto(`${site.url}/any/address/of/the/page`)

    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await page.evaluate(pullBlob, { name: 'a', digest })).toEqual({ status: 200, digest })
    expect(await page.evaluate(async () => (await fetch('/v2/')).json())).toEqual({})
  })

  it('without a network has what was pushed in chunks, and mounted', async () => {
    await using visit = await setUp()
    const { page, browser } = visit
    const location = await page.evaluate(startUpload, MADE)
    expect(await page.evaluate(finishUpload, { location, made: MADE })).toBe(201)
    const digest = await page.evaluate(async (made) => window.digestOf(window.content(made)), MADE)
    const mount = `/v2/b/blobs/uploads/?mount=${digest}&from=a`
    expect(await page.evaluate(async (path) => (await fetch(path, { method: 'POST' })).status, mount)).toBe(
      201,
    )

    await browser.context.setOffline(true)
    await page.reload()
    await controlled(page)

    for (const name of ['a', 'b']) {
      expect(await page.evaluate(pullBlob, { name, digest })).toEqual({ status: 200, digest })
    }
  })

  it('that bypasses the worker is controlled by it nevertheless', async () => {
    await using visit = await setUp()
    const { page, browser } = visit
    const session = await browser.context.newCDPSession(page)
    await session.send('Page.reload', { ignoreCache: true })
    await page.waitForLoadState()
    await controlled(page)
    await page.evaluate(pushBlob, { name: 'a', made: MADE })
  })

  it('ignores submitted forms', async () => {
    await using visit = await setUp()
    const { page } = visit
    const answer = page.waitForNavigation()
    await page.evaluate(() => {
      const form = document.createElement('form')
      form.method = 'post'
      form.action = '/v2/a/blobs/uploads/'
      document.body.append(form)
      form.submit()
    })
    expect((await answer)?.status()).toBe(403)
  })
})

describe('a worker that is stopped', () => {
  /** Shows that the request has reached the worker: after the stop, it would reach the next worker. */
  const secondPart = expect.stringMatching(`^uploads/[^/]+/${MADE.size >> 1}`)

  it('keeps what it acknowledged of a push, which is resumed', async () => {
    await using visit = await setUp()
    const { page } = visit
    const location = await page.evaluate(startUpload, MADE)
    const interrupted = page.evaluate(patchWithoutEnd, { location, made: MADE })
    await expect.poll(() => page.evaluate(filesOf)).toContainEqual(secondPart)

    await stopWorkers(page)

    expect(await interrupted).toBe('broken off')
    expect(await page.evaluate(finishUpload, { location, made: MADE })).toBe(201)
  })

  it('aborts a pull or lets it end, but never truncates it', async () => {
    await using visit = await setUp()
    const { page } = visit
    const made = { seed: 2, size: 96 * 2 ** 20 }
    const digest = await page.evaluate(pushBlob, { name: 'a', made })
    await page.evaluate(async (digest) => {
      const { body } = await fetch(`/v2/a/blobs/${digest}`)
      Object.assign(window, { reader: body!.getReader() })
    }, digest)

    await stopWorkers(page)

    const received = await page.evaluate(readToEnd)
    expect(['broken off', made.size]).toContain(received)
    expect(await page.evaluate(pullBlob, { name: 'a', digest })).toEqual({ status: 200, digest })
  })
})

describe('a new version', () => {
  /** Shows that the push has reached the active worker. */
  const firstPart = expect.stringMatching(/^uploads\/[^/]+\/0/)

  it('waits for a running push, and then finds what the old one has stored', async () => {
    await using folder = await openTemporaryFolder()
    await using host = await serveFolder(await copyOfPage(folder.path))
    await using browser = await shared.visit()
    const page = await browser.open(host.url)
    const digest = await page.evaluate(pushBlob, { name: 'a', made: MADE })
    await page.evaluate(startSlowPush, { seed: 2, size: MADE.size })
    await expect.poll(() => page.evaluate(filesOf)).toContainEqual(firstPart)

    await changeWorker(host)
    await page.evaluate(installUpdate)

    expect(await page.evaluate(endSlowPush)).toEqual([201, 'taken over'])
    expect(await page.evaluate(() => window.askedMeanwhile)).toBe(200)
    expect(await page.evaluate(pullBlob, { name: 'a', digest })).toEqual({ status: 200, digest })
  })
})

describe('the reset', () => {
  it.each([true, false])('removes the worker; images are kept: %s', async (wipe) => {
    await using visit = await setUp()
    const { page } = visit
    await page.evaluate(pushBlob, { name: 'a', made: MADE })

    await page.goto(`${site.url}/flotilla/reset`)
    if (wipe) await page.getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Reset' }).click()
    await page.getByText('Done').waitFor()

    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0)
    expect(await page.evaluate(() => caches.keys())).toEqual([])
    const files = await page.evaluate(filesOf)
    const databases = await page.evaluate(async () => (await indexedDB.databases()).length)
    if (wipe) expect({ files, databases }).toEqual({ files: [], databases: 0 })
    else expect(files).toContainEqual(expect.stringMatching(/^blobs\/sha256\//))
    await page.reload()
    expect(await isControlled(page)).toBe(false)
  })

  it('waits for readers of open files', async () => {
    await using visit = await setUp()
    const { page, browser } = visit
    await page.evaluate(pushBlob, { name: 'a', made: MADE })
    const other = await browser.open(site.url)
    await other.evaluate(keepOpen, 1500)

    await page.goto(`${site.url}/flotilla/reset`)
    await page.getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Reset' }).click()
    await page.getByText('Done').waitFor()

    expect(await page.evaluate(filesOf)).toEqual([])
  })
})

/** A copy of the built page, for a host whose files change. */
async function copyOfPage(path: string): Promise<string> {
  const folder = join(path, 'page')
  await mkdir(folder)
  await cp('dist/page', folder, { recursive: true })
  return folder
}

// The functions below run in the page.

/** Starts an upload whose first half is acknowledged; returns its URL. */
async function startUpload(made: Made): Promise<string> {
  const { headers } = await fetch('/v2/a/blobs/uploads/', { method: 'POST' })
  const half = window.content(made).slice(0, made.size >> 1)
  const response = await fetch(headers.get('Location')!, { method: 'PATCH', body: half })
  if (response.status !== 202) throw new Error(String(response.status))
  return response.headers.get('Location')!
}

/** Writes a file for this many milliseconds. */
async function keepOpen(time: number): Promise<void> {
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle('temporary')
  const writable = await (await folder.getFileHandle('open', { create: true })).createWritable()
  setTimeout(() => writable.abort(), time)
}

interface Begun {
  readonly location: string
  readonly made: Made
}

/** Continues with the second half, which never ends. */
async function patchWithoutEnd({ location, made }: Begun): Promise<string> {
  const half = made.size >> 1
  const bytes = await window.content(made).slice(half, -10).bytes()
  const body = new ReadableStream({ start: (controller) => controller.enqueue(bytes) })
  const init = { method: 'PATCH', body, duplex: 'half' }
  return await fetch(location, init as RequestInit).then(
    ({ status }) => String(status),
    () => 'broken off',
  )
}

/** Resumes the upload, of which at least the first half is stored; returns the status. */
async function finishUpload({ location, made }: Begun): Promise<number> {
  const blob = window.content(made)
  const start = Number((await fetch(location)).headers.get('Range')!.split('-')[1]) + 1
  if (start < made.size >> 1) throw new Error(`only ${start} bytes are left`)
  const headers = { 'Content-Range': `${start}-${made.size - 1}` }
  const url = `${location}?digest=${await window.digestOf(blob)}`
  return (await fetch(url, { method: 'PUT', headers, body: blob.slice(start) })).status
}

/** The received bytes, or that the response was aborted. */
async function readToEnd(): Promise<number | string> {
  let received = 0
  try {
    for (;;) {
      const { value, done } = await window.reader.read()
      if (done) return received
      received += value.length
    }
  } catch {
    return 'broken off'
  }
}

async function startSlowPush(made: Made): Promise<void> {
  const blob = window.content(made)
  const half = made.size >> 1
  const { readable: body, writable } = new TransformStream<Uint8Array>()
  const writer = writable.getWriter()
  const init = { method: 'POST', body, duplex: 'half' }
  const pushed = fetch(`/v2/a/blobs/uploads/?digest=${await window.digestOf(blob)}`, init as RequestInit)
  await writer.write(await blob.slice(0, half).bytes())
  const end = async () => {
    await writer.write(await blob.slice(half).bytes())
    await writer.close()
  }
  Object.assign(window, { slowPush: { end, pushed } })
}

/** The results of the push and of the update, in order. */
async function endSlowPush(): Promise<unknown[]> {
  const { end, pushed } = window.slowPush
  const order: unknown[] = []
  const both = [
    pushed.then(({ status }) => order.push(status)),
    window.takenOver.then((it) => order.push(it)),
  ]
  await Promise.all([end(), ...both])
  return order
}

/** Waits until the new version waits, then tells it to take over, as the page does. */
async function installUpdate(): Promise<void> {
  const registration = await navigator.serviceWorker.ready
  // If the browser was already checking for an update, before there was a new version, ours gets that result.
  while (!registration.installing && !registration.waiting) await registration.update()
  const { installing } = registration
  await new Promise<void>((resolve, reject) => {
    const look = () => {
      if (registration.waiting) resolve()
      if (installing?.state === 'redundant') reject(new Error('the new version could not be installed'))
    }
    installing?.addEventListener('statechange', look)
    look()
  })
  const takenOver = new Promise((resolve, reject) => {
    navigator.serviceWorker.addEventListener('controllerchange', () => resolve('taken over'))
    setTimeout(() => reject(new Error('the new version does not take over')), 60_000)
  })
  registration.waiting!.postMessage('take over')
  const askedMeanwhile = fetch('/v2/').then(({ status }) => status)
  Object.assign(window, { takenOver, askedMeanwhile })
}

declare global {
  interface Window {
    reader: ReadableStreamDefaultReader<Uint8Array>
    slowPush: { end: () => Promise<void>; pushed: Promise<Response> }
    takenOver: Promise<string>
    askedMeanwhile: Promise<number>
  }
}
