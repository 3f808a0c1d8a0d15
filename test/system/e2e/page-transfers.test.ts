/** Transfers that are left, paused, reloaded, or shown in two tabs; what is stored stays, and is not sent twice. */
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Part } from '../../../src/browser/page/transfers/transfer.ts'
import { PATIENCE } from '../../support/patience.ts'
import { type Asked, pushImage } from '../../support/push.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { dockerSave, tarOf } from '../../unit/core/archive/tars.ts'
import { openBrowser, stopWorkers, type Visitor } from './support/browser.ts'
import { dropFiles, dropFolder } from './support/drop.ts'
import { holdUploads, letUploadsGo, uploadsOf } from './support/held-uploads.ts'
import { type Site, servePage } from './support/site.ts'

/** Larger than a monolithic upload, so that each layer is an upload with several requests. */
const LAYER = 300 * 1024

const resources = new AsyncDisposableStack()
let site: Site
let browser: Visitor
let page: Page
let folder: string

beforeAll(async () => {
  folder = resources.use(await openTemporaryFolder()).path
  site = resources.use(await servePage({ swarm: [] }))
  browser = resources.use(await openBrowser())
  await browser.context.addInitScript(holdUploads)
  page = await browser.open(site.url)
})

afterAll(() => resources.disposeAsync())

beforeEach(async () => {
  await page.goto(site.url)
  const clear = list().getByRole('button', { name: 'Clear' })
  if (await clear.isVisible()) await clear.click()
})

const list = (tab = page) => tab.getByRole('region', { name: /transfer/i })
const item = (name: string, tab = page) => list(tab).getByRole('listitem', { name, exact: true })
const button = (name: string, text: string, tab = page) =>
  item(name, tab).getByRole('button', { name: `${text} ${name}`, exact: true })
const link = (image: string, tab = page) => list(tab).getByRole('link', { name: image, exact: true })
const focused = () =>
  page.evaluate(() => {
    const { activeElement: element } = document
    return ['aria-label', 'name', 'role'].map((name) => element?.getAttribute(name)).find((text) => text)
  })
const said = () => page.locator('#page > [role=status].visually-hidden').textContent()
const stored = () =>
  page.evaluate(async () => (await (await fetch('/flotilla/storage')).json()).bytes.total as number)

async function makeArchive(name: string, count = 4, tags: readonly string[] | null = [`${name}:1`]) {
  const layers = Array.from({ length: count }, () => randomBytes((LAYER * 3) / 4).toString('base64'))
  const path = join(folder, `${name}.tar`)
  await writeFile(path, await tarOf(dockerSave({ layers, tags })))
  return path
}

const server: Asked = {
  fetch: (method, path, asking) => fetch(`${site.url}${path}`, { ...(asking as RequestInit), method }),
}

/** Imports this many layers, and then waits. */
async function importUpTo(layers: number, name: string, path: string): Promise<void> {
  await letUploadsGo(page, layers)
  await dropFiles(page, [path])
  await item(name).getByText(`${layers} of 4 layers`).waitFor()
  await expect.poll(() => page.evaluate(layersWritten, name), PATIENCE).toBe(layers)
}

/** The next picked file has a handle: one in the page's storage, because tests cannot use the real picker. */
async function provideHandle(path: string): Promise<void> {
  const input = await page.evaluateHandle(() =>
    Object.assign(document.createElement('input'), { type: 'file' }),
  )
  await input.asElement()!.setInputFiles(path)
  await page.evaluate(async (input) => {
    const [file] = (input as HTMLInputElement).files!
    const folder = await navigator.storage.getDirectory()
    const handle = await folder.getFileHandle(file!.name, { create: true })
    await file!.stream().pipeTo(await handle.createWritable())
    Object.assign(window, { showOpenFilePicker: async () => [handle] })
  }, input)
}

/** Runs in the page: hides it, lets its clock be advanced, and records its badge and notifications. */
function lookElsewhere(): void {
  const { now } = Date
  let passed = 0
  Date.now = () => now() + passed
  Object.defineProperty(document, 'hidden', { value: true })
  class FakeNotification {
    static permission = 'granted'
    constructor(title: string) {
      window.notifications.push(title)
    }
  }
  Object.assign(window, {
    notifications: [],
    Notification: FakeNotification,
    pass: (milliseconds: number) => {
      passed += milliseconds
    },
  })
}

declare global {
  interface Window {
    notifications: string[]
    /** Milliseconds. */
    pass(milliseconds: number): void
  }
}

/** Runs in the page: the number of layers in the stored record, which is a little behind the view. */
const layersWritten = (title: string): Promise<number> =>
  new Promise((resolve) => {
    const opening = indexedDB.open('flotilla-transfers')
    opening.onsuccess = () => {
      const reading = opening.result.transaction('transfers').objectStore('transfers').getAll()
      reading.onsuccess = () => {
        opening.result.close()
        const { parts } = reading.result.findLast((record) => record.title === title).progress
        resolve(parts.filter(({ kind, state }: Part) => kind === 'layer' && state === 'done').length)
      }
    }
  })

const chooseFor = (name: string, path: string) => item(name).locator('input[type=file]').setInputFiles(path)

describe('an import', () => {
  it('asks before its page is left, is there after a reload, and sends only what is missing', async () => {
    const path = await makeArchive('node-app')
    await importUpTo(1, 'node-app.tar', path)
    const asked = page.waitForEvent('dialog')
    const reloaded = page.reload()
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    await dialog.accept()
    await reloaded
    await item('node-app.tar')
      .getByText(
        /^Interrupted\. Choose node-app\.tar \(1\.\d+ MiB\) again to go on\. 1 of 4 layers is here\.$/,
      )
      .waitFor()
    await chooseFor('node-app.tar', await makeArchive('other'))
    await item('node-app.tar').getByRole('alert').getByText('This is other.tar').waitFor()
    await letUploadsGo(page)
    await chooseFor('node-app.tar', path)
    await link('node-app:1').waitFor()
    expect(await uploadsOf(page)).toBe(3)
    const left = page.waitForEvent('dialog', { timeout: 500 }).catch(() => undefined)
    await page.reload() // no transfer is running, so the browser does not ask
    expect(await left).toBeUndefined()
    await link('node-app:1').waitFor()
  })

  it('resumes with a file that is dropped again', async () => {
    const path = await makeArchive('again')
    await importUpTo(2, 'again.tar', path)
    await page.goto(site.url)
    await item('again.tar').getByText('2 of 4 layers are here.').waitFor()
    await letUploadsGo(page)
    await dropFiles(page, [path])
    await link('again:1').waitFor()
    expect(await uploadsOf(page)).toBe(2)
    expect(await item('again.tar').count()).toBe(1)
  })

  it('resumes by itself if the browser lets it read the file again', async () => {
    const path = await makeArchive('handle')
    await letUploadsGo(page, 1)
    await provideHandle(path)
    await page.getByRole('banner').getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByRole('dialog').getByText('Choose files…').click()
    await item('handle.tar').getByText('1 of 4 layers').waitFor()
    await expect.poll(() => page.evaluate(layersWritten, 'handle.tar'), PATIENCE).toBe(1)
    await page.goto(site.url)
    await item('handle.tar')
      .getByText(/^Importing: /)
      .waitFor()
    await letUploadsGo(page)
    await link('handle:1').waitFor()
    expect(await uploadsOf(page)).toBe(3)
  })

  it('pauses and resumes, also over a worker that is stopped', async () => {
    await importUpTo(1, 'paused.tar', await makeArchive('paused'))
    await button('paused.tar', 'Pause').click()
    await item('paused.tar')
      .getByText(/^Paused: /)
      .waitFor()
    await stopWorkers(page)
    await letUploadsGo(page)
    await button('paused.tar', 'Resume').click()
    await link('paused:1').waitFor()
    expect(await uploadsOf(page)).toBe(3)
  })

  it('that is cancelled leaves nothing', async () => {
    const before = await stored()
    await importUpTo(2, 'gone.tar', await makeArchive('gone'))
    expect(await stored()).toBeGreaterThan(before)
    await button('gone.tar', 'Cancel').click()
    await item('gone.tar')
      .getByText(/^Cancelled/)
      .waitFor()
    await expect.poll(stored, PATIENCE).toBe(before)
    await button('gone.tar', 'Remove').click()
    await item('gone.tar').waitFor({ state: 'detached' })
  })

  it('shows its progress in the title, announces it in steps, and notifies of its end', async () => {
    await browser.context.grantPermissions(['notifications'], { origin: site.url })
    await page.goto(site.url)
    await page.evaluate(lookElsewhere)
    await importUpTo(1, 'steps.tar', await makeArchive('steps'))
    await expect.poll(said).toContain('Importing steps.tar')
    for (const [percent, step] of [
      [/^(49|50) % – /, /: (25|50) %$/],
      [/^(74|75) % – /, /: (50|75) %$/],
    ] as const) {
      await page.evaluate(() => window.pass(4000))
      await letUploadsGo(page, 1)
      await expect.poll(() => page.title(), PATIENCE).toMatch(percent)
      await expect.poll(said, PATIENCE).toMatch(step)
    }
    expect(await page.evaluate(() => window.notifications)).toEqual([])
    await page.evaluate(() => window.pass(4000))
    await letUploadsGo(page)
    await link('steps:1').waitFor()
    await expect.poll(() => page.title()).toMatch(/^(Flotilla|.* – Flotilla)$/)
    await expect.poll(said).toContain('Done: steps.tar')
    expect(await page.evaluate(() => window.notifications)).toEqual(['Done: steps.tar'])
  })

  it('is the same in all tabs; one runs it, and another takes over when that is closed', async () => {
    const [first, second] = [page, await browser.open(site.url)]
    await importUpTo(1, 'shared.tar', await makeArchive('shared'))
    await item('shared.tar', second).getByText('1 of 4 layers').waitFor()
    await button('shared.tar', 'Pause', second).click()
    await item('shared.tar', first)
      .getByText(/^Paused: /)
      .waitFor()
    await letUploadsGo(first, 1)
    await button('shared.tar', 'Resume', first).click()
    await item('shared.tar', second).getByText('2 of 4 layers').waitFor()
    expect(await uploadsOf(second)).toBe(0)
    await first.close()
    page = second
    await item('shared.tar').getByText('Choose shared.tar').waitFor()
    await button('shared.tar', 'Cancel').click()
    await item('shared.tar')
      .getByText(/^Cancelled/)
      .waitFor()
  })
})

describe('a pull', () => {
  it('resumes by itself after a reload', async () => {
    await pushImage(server, 'from/server', { tag: '1' })
    await page.evaluate(() => window.holdBlobs())
    await page.getByRole('banner').getByRole('button', { name: 'Pull', exact: true }).click()
    await page.getByRole('dialog').getByLabel('Image').fill('from/server:1')
    await page.keyboard.press('Enter')
    await item('from/server:1')
      .getByText(/^Pulling: /)
      .waitFor()
    await page.goto(site.url)
    await link('from/server:1').waitFor()
  })
})

describe('a pull that is cancelled', () => {
  it('leaves nothing, not even a name', async () => {
    await letUploadsGo(page)
    const before = await stored()
    await pushImage(server, 'given/up', { tag: '1' })
    await page.evaluate(() => window.holdBlobs())
    await page.getByRole('banner').getByRole('button', { name: 'Pull', exact: true }).click()
    await page.getByRole('dialog').getByLabel('Image').fill('given/up:1')
    await page.keyboard.press('Enter')
    await item('given/up:1')
      .getByText(/^Pulling: /)
      .waitFor()
    const isKnown = () =>
      page.evaluate(async () =>
        (await (await fetch('/v2/_catalog')).json()).repositories.includes('given/up'),
      )
    await expect.poll(isKnown, PATIENCE).toBe(true)
    await button('given/up:1', 'Cancel').click()
    await item('given/up:1')
      .getByText(/^Cancelled/)
      .waitFor()
    await expect.poll(isKnown, PATIENCE).toBe(false)
    expect(await stored()).toBe(before)
  })
})

describe('focus', () => {
  it('goes to the first field of a dialog, and back', async () => {
    await page.getByRole('banner').getByRole('button', { name: 'Pull', exact: true }).click()
    await expect.poll(focused, PATIENCE).toBe('combobox')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Pull')
  })

  it('goes to the transfer that a form has started, and to the prompt for a name', async () => {
    await letUploadsGo(page)
    await page.getByRole('banner').getByRole('button', { name: 'Pull', exact: true }).click()
    await expect.poll(focused, PATIENCE).toBe('combobox')
    await page.keyboard.type('from/server:1')
    await page.keyboard.press('Enter')
    await expect.poll(focused, PATIENCE).toBe('from/server:1')
    await page.getByRole('banner').getByRole('button', { name: 'Import', exact: true }).click()
    await page
      .getByRole('dialog')
      .locator('input[type=file]')
      .setInputFiles(await makeArchive('nameless', 1, null))
    await expect.poll(focused, PATIENCE).toBe('name')
    await expect.poll(said).toContain('The archive does not say what this is. Import it as')
    await page.keyboard.type('asked/for:1')
    await page.keyboard.press('Enter')
    await link('asked/for:1').waitFor()
  })
})

describe('the list', () => {
  it('says what each file is, the latest first, and can be collapsed', async () => {
    const files = { 'photo.png': '\x89PNG\r\n', 'notes.txt': 'milk', 'empty.tar': '' }
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content, 'latin1')
      await dropFiles(page, [join(folder, name)])
      await item(name).getByRole('alert').waitFor()
    }
    const items = await list().getByRole('listitem').filter({ hasText: 'docker save' }).allTextContents()
    expect(items.map((text) => text.replace(/.*Failed\. /, ''))).toEqual([
      '"empty.tar" is empty; make one by: docker save -o image.tar NAME.',
      '"notes.txt" is a text file, not an image archive; make one by: docker save -o image.tar NAME.',
      '"photo.png" is a picture, not an image archive; make one by: docker save -o image.tar NAME.',
    ])
    const unpacked = join(folder, 'unpacked')
    await mkdir(unpacked)
    await dropFolder(page, unpacked)
    await item('unpacked').getByRole('alert').getByText('is a folder, not an image archive').waitFor()
    await list().getByRole('button', { name: 'Hide' }).click()
    await list().waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /^\d+ transfers?$/ }).click()
    await button('photo.png', 'Remove').click()
    await item('photo.png').waitFor({ state: 'detached' })
    await page.reload()
    await item('notes.txt').waitFor()
    expect(await item('photo.png').count()).toBe(0)
  })

  it('never hides the end of a view, however narrow', async () => {
    await letUploadsGo(page)
    await page.setViewportSize({ width: 390, height: 780 })
    await dropFiles(page, [await makeArchive('narrow', 1)])
    await link('narrow:1').waitFor()
    const overlap = async () => {
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
      const [content, panel] = [await page.locator('main').boundingBox(), await list().boundingBox()]
      return content!.y + content!.height - panel!.y
    }
    await expect.poll(overlap, PATIENCE).toBeLessThanOrEqual(1)
    await page.setViewportSize({ width: 1280, height: 800 })
  })
})
