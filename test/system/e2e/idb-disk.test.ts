/**
 * A browser whose service worker can write no files, as Safari's before 26, and one whose window has none: images come in,
 * go out and go, are there after a kill and without a network, and stay when the browser has learned to write files.
 */
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { openBrowser, stopWorkers, type Visitor } from './support/browser.ts'
import type { Made } from './support/content.ts'
import { dropFiles } from './support/drop.ts'
import { filesOf, pullBlob, pullImage, pushBlob } from './support/in-page.ts'
import { makeDockerArchive } from './support/sample-image.ts'
import { type StaticHost, serveFolder } from './support/static-host.ts'

/** Code that is put before the worker's script. */
const NO_WRITING = 'delete FileSystemFileHandle.prototype.createWritable\n'
const NO_FILES = `navigator.storage.getDirectory = async () => { throw new DOMException('', 'SecurityError') }\n`

const NAME = 'library/app'
const MADE = { seed: 1, size: 3_000_001 }

const resources = new AsyncDisposableStack()
let folder: string
let site: StaticHost
let script: string

beforeAll(async () => {
  folder = resources.use(await openTemporaryFolder()).path
  await cp('dist/page', join(folder, 'page'), { recursive: true })
  site = resources.use(await serveFolder(join(folder, 'page')))
  script = await readFile(join(site.folder, 'sw.js'), 'utf8')
})

afterAll(() => resources.disposeAsync())

const serveWorker = (before: string) => writeFile(join(site.folder, 'sw.js'), before + script)

async function importImage(page: Page): Promise<string[]> {
  await dropFiles(page, [await makeDockerArchive(folder, [`${NAME}:1`], 'app.tar')])
  await page.getByRole('link', { name: NAME }).first().waitFor()
  return await page.evaluate(pullImage, { name: NAME, tag: '1' })
}

it('keeps images in IndexedDB, through everything', async () => {
  await serveWorker(NO_WRITING)
  const open = () => openBrowser(join(folder, 'profile'))
  let browser: Visitor = await open()
  let page = await browser.open(site.url)
  const image = await importImage(page)
  expect(image.length).toBeGreaterThan(4)
  const digest = await page.evaluate(pushBlob, { name: NAME, made: MADE })
  expect(await page.evaluate(pullRange, { name: NAME, digest })).toEqual({ status: 206, isSame: true })

  const upload = { location: await page.evaluate(beginUpload), made: { seed: 2, size: 5_000_003 } }
  await page.evaluate(sendHalf, upload)
  await stopWorkers(page)
  expect(await page.evaluate(received, upload)).toBe(2_500_001)
  await page.evaluate(sendWithoutEnd, upload)
  await stopWorkers(page)
  expect(await page.evaluate(received, upload)).toBeGreaterThanOrEqual(2_500_001)
  await browser.kill()

  browser = await open()
  page = await browser.open(site.url)
  expect(await page.evaluate(finishUpload, upload)).toBe(201)
  await browser.context.setOffline(true)
  await page.reload()
  await page.getByRole('link', { name: NAME }).first().waitFor()
  expect(await page.evaluate(pullImage, { name: NAME, tag: '1' })).toEqual(image)
  expect(await page.evaluate(pullBlob, { name: NAME, digest })).toEqual({ status: 200, digest })
  expect(await page.evaluate(filesOf)).toEqual([])
  await browser.context.setOffline(false)

  await serveWorker('') // a newer browser
  await page.evaluate(unregister)
  await page.close()
  page = await browser.open(site.url)
  expect(await page.evaluate(pullImage, { name: NAME, tag: '1' })).toEqual(image)
  expect(await page.evaluate(removeAll, NAME)).toEqual([])
  await expect.poll(() => page.evaluate(countChunks)).toBe(0)

  await page.evaluate(pushBlob, { name: NAME, made: MADE })
  await page.goto(`${site.url}/flotilla/reset.html`)
  await page.getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Reset' }).click()
  await page.getByText('Done.').waitFor()
  expect(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual([])
  await browser[Symbol.asyncDispose]()
})

it('keeps them there too where a window has no files at all', async () => {
  await serveWorker(NO_FILES)
  await using browser = await openBrowser()
  await browser.context.addInitScript(() => Reflect.deleteProperty(StorageManager.prototype, 'getDirectory'))
  const page = await browser.open(site.url)
  const image = await importImage(page)
  await stopWorkers(page)
  expect(await page.evaluate(pullImage, { name: NAME, tag: '1' })).toEqual(image)
})

it('takes nothing else for images in files that cannot be opened', async () => {
  await serveWorker('')
  await using browser = await openBrowser()
  const page = await browser.open(site.url)
  const digest = await page.evaluate(pushBlob, { name: NAME, made: MADE })
  await serveWorker(NO_FILES)
  await page.evaluate(unregister)
  await page.close()
  const next = await browser.open(site.url)
  expect(await next.evaluate(pullBlob, { name: NAME, digest })).toMatchObject({ status: 503 })
  await next.getByRole('heading', { level: 1, name: 'No storage in this window' }).waitFor()
})

// The functions below run in the page.

interface Begun {
  readonly location: string
  readonly made: Made
}

async function pullRange({ name, digest }: { name: string; digest: string }) {
  const range = { Range: 'bytes=1000000-2999999' }
  const whole = await (await fetch(`/v2/${name}/blobs/${digest}`)).blob()
  const response = await fetch(`/v2/${name}/blobs/${digest}`, { headers: range })
  const expected = await window.digestOf(whole.slice(1_000_000, 3_000_000))
  return { status: response.status, isSame: (await window.digestOf(await response.blob())) === expected }
}

async function beginUpload(): Promise<string> {
  const response = await fetch('/v2/library/app/blobs/uploads/', { method: 'POST' })
  return response.headers.get('Location')!
}

async function sendHalf({ location, made }: Begun): Promise<void> {
  const half = window.content(made).slice(0, made.size >> 1)
  const response = await fetch(location, { method: 'PATCH', body: half })
  if (response.status !== 202) throw new Error(String(response.status))
}

/** Resolves once the worker has taken a part of the body. */
async function sendWithoutEnd({ location, made }: Begun): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const rest = window.content(made).slice(made.size >> 1, made.size - 1000)
  const body = new ReadableStream({
    async start(controller) {
      controller.enqueue(new Uint8Array(await rest.arrayBuffer()))
    },
    pull: () => resolve(), // the first chunk was taken
  })
  const headers = { 'Content-Range': `${made.size >> 1}-${made.size - 1}` }
  fetch(location, { method: 'PATCH', headers, body, duplex: 'half' } as RequestInit).catch(() => {})
  await promise
}

async function received({ location }: Begun): Promise<number> {
  return Number((await fetch(location)).headers.get('Range')!.split('-')[1]) + 1
}

async function finishUpload({ location, made }: Begun): Promise<number> {
  const blob = window.content(made)
  const start = Number((await fetch(location)).headers.get('Range')!.split('-')[1]) + 1
  const headers = { 'Content-Range': `${start}-${made.size - 1}` }
  const url = `${location}?digest=${await window.digestOf(blob)}`
  return (await fetch(url, { method: 'PUT', headers, body: blob.slice(start) })).status
}

async function unregister(): Promise<void> {
  for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister()
}

/** Returns the remaining repositories. */
async function removeAll(name: string): Promise<string[]> {
  const response = await fetch(`/v2/${name}/manifests/1`)
  const path = `/v2/${name}/manifests/${response.headers.get('Docker-Content-Digest')}`
  await fetch(path, { method: 'DELETE' })
  await fetch('/flotilla/evict', { method: 'POST' })
  return (await (await fetch('/v2/_catalog')).json()).repositories
}

/** The blobs of the disk in IndexedDB. */
async function countChunks(): Promise<number> {
  await fetch('/flotilla/evict', { method: 'POST' })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const opening = indexedDB.open('flotilla-disk')
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const counting = opening.result.transaction('chunks').objectStore('chunks').count()
    counting.onsuccess = () => resolve(counting.result)
  }
  return await promise.finally(() => opening.result.close())
}
