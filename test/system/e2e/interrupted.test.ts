/**
 * Transfers that come to no end: the page is reloaded or closed, the push or pull is cancelled, the worker is stopped.
 * Afterwards what the storage says equals its files, and all of what was left behind can be freed. FLOTILLA_INTERRUPTIONS
 * sets how many of each there are.
 */
import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { StorageUsage } from '../../../src/core/store/space.ts'
import { type Asked, imageOf, pushBlob, pushConfig, pushManifest } from '../../support/push.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { openBrowser, stopWorkers, type Visitor } from './support/browser.ts'
import { dropFiles } from './support/drop.ts'
import { makeDockerArchive } from './support/sample-image.ts'
import { type Site, servePage } from './support/site.ts'

const COUNT = Number(process.env['FLOTILLA_INTERRUPTIONS'] ?? 4)
const MIB = 2 ** 20

const resources = new AsyncDisposableStack()
let site: Site
let browser: Visitor
let page: Page
let folder: string

beforeAll(async () => {
  folder = resources.use(await openTemporaryFolder()).path
  site = resources.use(await servePage({ swarm: [] }))
  browser = resources.use(await openBrowser())
  page = await browser.open(site.url)
})

afterAll(() => resources.disposeAsync())

/** The page is usable after each of them. */
const INTERRUPTIONS: Readonly<Record<string, (byPage: boolean) => Promise<unknown>>> = {
  reload: () => page.reload(),
  async cancel(byPage) {
    if (!byPage) return page.evaluate(() => window.interruption.abort())
    const cancel = page.getByRole('button', { name: /^Cancel / }).first()
    await cancel.click({ timeout: 1000 }).catch(() => {}) // if the transfer has ended already, there is nothing to cancel
  },
  async close() {
    await page.close()
    page = await browser.open(site.url)
  },
  stop: () => stopWorkers(page),
}
const KINDS = Object.keys(INTERRUPTIONS)

/** In rotation, so that each kind of transfer gets each interruption. */
const isByPage = (round: number) => (round + Math.floor(round / KINDS.length)) % 2 === 0

/** What the storage API reports, and the sizes of its files. */
const compare = () => page.evaluate(measure)

/** Interrupts the transfer that `begin` starts as soon as it has written something. */
async function interrupt(round: number, byPage: boolean, begin: () => Promise<unknown>): Promise<void> {
  const before = (await page.evaluate(measure)).files
  await begin()
  await expect.poll(async () => (await page.evaluate(measure)).files, { interval: 10 }).not.toEqual(before)
  await INTERRUPTIONS[KINDS[round % KINDS.length]!]!(byPage)
}

/** The storage API and the files agree once all transfers have ended. */
const requireAgreement = () =>
  expect
    .poll(async () => {
      const { storage, files } = await compare()
      const { total, pushed, cached, orphans, uploads, downloads } = storage
      return {
        blobs: files.blobs - (pushed + cached + orphans),
        uploads: files.uploads - (uploads + downloads),
        total: total - (pushed + cached + orphans + uploads + downloads),
        temporary: files.temporary,
      }
    })
    .toEqual({ blobs: 0, uploads: 0, total: 0, temporary: 0 })

/** Repeated until nothing is left that no image needs: what was used just now is freed a little later. */
async function freeAll(): Promise<void> {
  await expect
    .poll(async () => {
      await page.evaluate(async () => (await fetch('/flotilla/evict', { method: 'POST' })).status)
      const { orphans, uploads, downloads } = (await compare()).storage
      return { orphans, uploads, downloads }
    })
    .toEqual({ orphans: 0, uploads: 0, downloads: 0 })
  await requireAgreement()
}

it(`${COUNT} interrupted pushes leave nothing that cannot be freed`, async () => {
  for (let round = 0; round < COUNT; round++) {
    const byPage = isByPage(round)
    const name = `pushed/round-${round}`
    await interrupt(round, byPage, async () => {
      if (!byPage) return page.evaluate(beginPush, { name, seed: round })
      const archive = await makeDockerArchive(folder, [`${name}:1`], `round-${round}.tar`, 1 + round / 1000)
      await dropFiles(page, [archive])
    })
    await requireAgreement()
  }
  await freeAll()
  const { repositories, storage, files } = await compare()
  expect(repositories.filter(({ manifests }) => manifests === 0)).toEqual([])
  if (storage.pushed === 0) expect(files).toEqual({ blobs: 0, uploads: 0, temporary: 0 })
})

it(`${COUNT} interrupted pulls leave nothing that cannot be freed`, async () => {
  const server: Asked = {
    fetch: (method, path, { body, ...asking } = {}) =>
      fetch(`${site.url}${path}`, { ...asking, method, body } as RequestInit),
  }
  for (let round = 0; round < COUNT; round++) {
    const byPage = isByPage(round)
    const name = `pulled/round-${round}`
    await pushRandomImage(server, name)
    await interrupt(round, byPage, async () => {
      if (!byPage) return page.evaluate(beginPull, { name })
      await page.getByRole('button', { name: 'Pull', exact: true }).first().click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Image').fill(`${name}:1`)
      await dialog.getByLabel('Image').press('Enter')
    })
    await requireAgreement()
  }
  await freeAll()
})

async function pushRandomImage(server: Asked, name: string): Promise<void> {
  const layers = []
  for (let layer = 0; layer < 3; layer++)
    layers.push(await pushBlob(server, name, new Uint8Array(randomBytes(6 * MIB))))
  await pushManifest(server, name, imageOf(await pushConfig(server, name), layers), '1')
}

// The functions below run in the page.

/** Total sizes of the files by folder. */
async function measure() {
  const root = await navigator.storage.getDirectory()
  const storage = await (await fetch('/flotilla/storage?n=1000')).json()
  const files = {
    blobs: await sizeOf(await root.getDirectoryHandle('blobs')),
    uploads: await sizeOf(await root.getDirectoryHandle('uploads')),
    temporary: await sizeOf(await root.getDirectoryHandle('temporary')),
  }
  const repositories: { name: string; manifests: number }[] = storage.repositories
  return { files, storage: storage.bytes as StorageUsage, repositories }

  async function sizeOf(folder: FileSystemDirectoryHandle): Promise<number> {
    let total = 0
    for await (const handle of folder.values()) {
      const size =
        handle.kind === 'directory' ? sizeOf(handle as FileSystemDirectoryHandle) : fileSize(handle)
      total += await size.catch(() => 0) // deleted in the meantime
    }
    return total
  }

  async function fileSize(handle: FileSystemHandle): Promise<number> {
    return (await (handle as FileSystemFileHandle).getFile()).size
  }
}

/** Pushes layers, alternately by one request and by several. No manifest follows, because a push may survive a stopped worker. */
async function beginPush({ name, seed }: { name: string; seed: number }): Promise<void> {
  const interruption = new AbortController()
  const { signal } = interruption
  Object.assign(window, { interruption })
  const push = async () => {
    for (let layer = 0; layer < 4; layer++) {
      const content = window.content({ seed: 1000 * seed + layer, size: 6 * 2 ** 20 })
      const digest = await window.digestOf(content)
      const uploads = `/v2/${name}/blobs/uploads/`
      if (layer % 2 === 0) {
        await fetch(`${uploads}?digest=${digest}`, { method: 'POST', body: content, signal })
        continue
      }
      const { headers } = await fetch(uploads, { method: 'POST', signal })
      const location = headers.get('Location')!
      for (let start = 0; start < content.size; start += 2 ** 20)
        await fetch(location, { method: 'PATCH', body: content.slice(start, start + 2 ** 20), signal })
      await fetch(`${location}?digest=${digest}`, { method: 'PUT', signal })
    }
  }
  void push().catch(() => {}) // it is interrupted
}

async function beginPull({ name }: { name: string }): Promise<void> {
  const interruption = new AbortController()
  const { signal } = interruption
  Object.assign(window, { interruption })
  const pull = async () => {
    const { layers } = await (await fetch(`/v2/${name}/manifests/1`, { signal })).json()
    for (const { digest } of layers) await (await fetch(`/v2/${name}/blobs/${digest}`, { signal })).blob()
  }
  void pull().catch(() => {}) // it is interrupted
}

declare global {
  interface Window {
    interruption: AbortController
  }
}
