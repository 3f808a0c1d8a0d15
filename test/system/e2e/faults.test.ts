/** Faults of a browser: it is killed, has several tabs, a full disk, or its files are deleted. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { openBrowser, openSharedBrowser, type SharedBrowser } from './support/browser.ts'
import type { Made } from './support/content.ts'
import { filesOf, pullBlob, pushBlob } from './support/in-page.ts'
import { type Acknowledged, checkPushes, pushForEver } from './support/push-for-ever.ts'
import { type Site, servePage } from './support/site.ts'

const KILLS = 30

const resources = new AsyncDisposableStack()
let site: Site
let shared: SharedBrowser

beforeAll(async () => {
  site = resources.use(await servePage())
  shared = resources.use(await openSharedBrowser())
})

afterAll(() => resources.disposeAsync())

describe('a browser that is killed in the middle of pushes', () => {
  it('has all that it acknowledged, and its uploads go on or are gone', async () => {
    await using profile = await openTemporaryFolder()
    const acknowledged: Acknowledged[] = []
    const unchecked: Acknowledged[] = []

    for (let kill = 0; kill < KILLS; kill++) {
      const browser = await openBrowser(profile.path)
      const page = await browser.open(site.url)
      expect(await page.evaluate(checkPushes, unchecked)).toEqual([])
      await page.exposeFunction('acknowledge', (what: Acknowledged) => {
        acknowledged.push(what)
        unchecked.push(what)
      })
      unchecked.length = 0
      const pushing = page.evaluate(pushForEver, kill)
      pushing.catch(() => {}) // it fails when the browser is killed
      const enough = expect.poll(() => unchecked.length, { interval: 5 }).toBeGreaterThan(kill % 4)
      await Promise.race([enough, pushing])
      await delay(Math.random() * 60)
      await browser.kill()
    }

    await using browser = await openBrowser(profile.path)
    const page = await browser.open(site.url)
    const blobs = acknowledged.filter(({ location }) => !location)
    expect(await page.evaluate(checkPushes, blobs)).toEqual([])
  })
})

describe('two tabs', () => {
  it('push at once, the same and other blobs', async () => {
    await using browser = await shared.visit()
    const pages = await Promise.all([browser.open(site.url), browser.open(site.url)])
    const push = (page: Page, seeds: readonly number[]) =>
      Promise.all(seeds.map((seed) => page.evaluate(pushBlob, { name: 'a', made: madeOf(seed) })))

    const [some, others] = await Promise.all([push(pages[0]!, [1, 2, 3, 4]), push(pages[1]!, [3, 4, 5, 6])])

    for (const digest of [...some, ...others]) {
      for (const page of pages) {
        expect(await page.evaluate(pullBlob, { name: 'a', digest })).toEqual({ status: 200, digest })
      }
    }
  })
})

describe('a browser with a full disk', () => {
  it('says so, keeps nothing of what does not fit, and stores what does', async () => {
    await using browser = await shared.visit()
    await browser.limitStorage(site.url, 24 * 2 ** 20)
    const page = await browser.open(site.url)
    const digest = await page.evaluate(pushBlob, { name: 'a', made: madeOf(1) })
    const before = await storedIn(page)

    const refused = await page.evaluate(pushTooMuch, { seed: 2, size: 64 * 2 ** 20 })

    expect(refused).toMatchObject({ status: 507, errors: [{ code: expect.any(String) }] })
    expect(await storedIn(page)).toEqual(before)
    await page.evaluate(pushBlob, { name: 'a', made: madeOf(3) })
    expect(await page.evaluate(pullBlob, { name: 'a', digest })).toEqual({ status: 200, digest })
  })
})

describe('a file that somebody deleted', () => {
  it('is pulled again from a peer', async () => {
    await using peer = await servePage({ swarm: [] })
    const made = new Uint8Array(3_000_000).fill(7)
    const digest = await pushToServer(peer.url, made)
    await using browser = await shared.visit()
    const page = await browser.open(peer.url)
    const pulled = () => page.evaluate(pullBlob, { name: 'a', digest })
    await expect.poll(pulled).toEqual({ status: 200, digest })
    await expect.poll(() => page.evaluate(filesOf)).toContain(fileOf(digest))

    await page.evaluate(deleteBlobFile, digest)

    expect(await pulled()).toEqual({ status: 200, digest })
    await expect.poll(() => page.evaluate(filesOf)).toContain(fileOf(digest))
  })

  it('is not found without one', async () => {
    await using browser = await shared.visit()
    const page = await browser.open(site.url)
    const digest = await page.evaluate(pushBlob, { name: 'a', made: madeOf(1) })

    await page.evaluate(deleteBlobFile, digest)

    expect(await page.evaluate(pullBlob, { name: 'a', digest })).toMatchObject({ status: 404 })
    await page.evaluate(pushBlob, { name: 'a', made: madeOf(1) })
    expect(await page.evaluate(pullBlob, { name: 'a', digest })).toEqual({ status: 200, digest })
  })
})

const madeOf = (seed: number): Made => ({ seed, size: 1_500_000 + seed })

/** The files of blobs and uploads. */
const storedIn = async (page: Page): Promise<string[]> =>
  (await page.evaluate(filesOf)).filter((path) => path.includes('/'))

const fileOf = (digest: string): string => `blobs/${digest.replace(':', '/')}`

/** Pushes to the registry that serves the page. */
async function pushToServer(url: string, body: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = Buffer.from(await crypto.subtle.digest('SHA-256', body)).toString('hex')
  const answer = await fetch(`${url}/v2/a/blobs/uploads/?digest=sha256:${hash}`, { method: 'POST', body })
  expect(answer.status).toBe(201)
  return `sha256:${hash}`
}

// The functions below run in the page.

async function pushTooMuch(made: Made) {
  const blob = window.content(made)
  const path = `/v2/a/blobs/uploads/?digest=${await window.digestOf(blob)}`
  const response = await fetch(path, { method: 'POST', body: blob })
  return { status: response.status, ...(await response.json()) }
}

async function deleteBlobFile(digest: string): Promise<void> {
  const [algorithm, encoded] = digest.split(':') as [string, string]
  const root = await navigator.storage.getDirectory()
  const folder = await (await root.getDirectoryHandle('blobs')).getDirectoryHandle(algorithm)
  await folder.removeEntry(encoded)
}
