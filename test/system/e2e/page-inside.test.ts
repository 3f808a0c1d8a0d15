/** The content of an image on the page: its files, hidden files, differences, attestations and signatures. */
import type { Page, Request } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Asked } from '../../support/push.ts'
import { violationsIn } from './support/axe.ts'
import { openBrowser } from './support/browser.ts'
import { PUBLIC_KEY, pushInsideImages } from './support/inside-images.ts'
import { type Site, servePage } from './support/site.ts'

const resources = new AsyncDisposableStack()
const errors: string[] = []
let site: Site
let page: Page

beforeAll(async () => {
  site = resources.use(await servePage({ swarm: [] }))
  page = await resources.use(await openBrowser()).open(site.url)
  page.on('pageerror', (error) => errors.push(String(error.stack)))
  await pushInsideImages(registryIn(page), 'team/app')
})

afterAll(() => resources.disposeAsync())

const main = () => page.getByRole('main')
const go = (path: string) => page.goto(`${site.url}${path}`)
const row = (name: string) => main().getByRole('row', { name })
const files = () => main().getByRole('region', { name: /^Files/ })

/** The registry in the page, to which bodies are sent as base64. */
const registryIn = (page: Page): Asked => ({
  async fetch(method, path, asking = {}) {
    const { body, headers } = asking as { body?: string | Uint8Array; headers?: Record<string, string> }
    const content = Buffer.from(body ?? '').toString('base64')
    const status = await page.evaluate(
      async ({ method, path, content, type }) => {
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))
        return (await fetch(path, { method, body: new Blob([bytes], { type }) })).status
      },
      { method, path, content, type: headers?.['Content-Type'] ?? 'application/octet-stream' },
    )
    return new Response(null, { status })
  },
})

/** Nothing from an image was executed, nothing was thrown, and there is no accessibility violation. */
async function expectOrder(): Promise<void> {
  expect(await page.title()).not.toBe('run')
  expect(errors.splice(0)).toEqual([])
  expect(await violationsIn(page)).toEqual([])
}

describe('an image', () => {
  it('says where it comes from, and when it was made', async () => {
    const asked: Request[] = []
    page.on('request', (request) => asked.push(request))
    await go('/r/team/app:1')
    const about = main().getByRole('region', { name: 'About' })
    await about.getByRole('link', { name: 'https://git.example/app' }).waitFor()
    await about.getByText('README').click()
    await about.getByText('How to run it.').waitFor()
    await main().getByRole('region', { name: 'Config' }).getByText('Jan 2, 2026').waitFor()
    await row('ADD rootfs.tar').getByText('stored here').waitFor()
    await expectOrder()
    const looked = asked.filter((request) => /\/v2\/.*\/(manifests|blobs)\//.test(request.url()))
    const headers = await Promise.all(looked.map((request) => request.allHeaders()))
    expect(headers.map((one) => one['cache-control'])).toEqual(looked.map(() => 'no-store'))
    expect(looked.length).toBeGreaterThan(2)
  })

  it.each([768, 390])('breaks no digest at a width of %i', async (width) => {
    await page.setViewportSize({ width, height: 800 })
    await go('/r/team/app:1')
    await row('ADD rootfs.tar').getByText('stored here').waitFor()
    await row('ADD rootfs.tar').getByText('OCI tar+gzip').filter({ visible: true }).waitFor()
    const broken = await page.evaluate(() =>
      [...document.querySelectorAll('table .digest')]
        .filter((digest) => digest.getClientRects().length > 1)
        .map((digest) => digest.textContent),
    )
    expect(broken).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    )
    await page.setViewportSize({ width: 1280, height: 800 })
  })
})

describe('its files', () => {
  it('are a tree, by keyboard', async () => {
    await go('/r/team/app:1')
    await main().getByRole('link', { name: 'Show files' }).press('Enter')
    const folder = files().getByRole('button', { name: 'app/', exact: true })
    await folder.waitFor()
    expect(new URL(page.url()).search).toContain('?files')
    await folder.focus()
    await page.keyboard.press('Enter')
    const file = files().getByRole('button', { name: 'server.js' })
    await file.waitFor()
    await page.keyboard.press('Tab')
    await expectOrder()
    await file.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('listen(8080)').waitFor()
    await expectOrder()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('server.js')
  })

  it('have names that show what they are, whatever they are', async () => {
    await files().getByText('notes\\u{1b}[31m\\u{202e}gnp.txt').click()
    await page.getByRole('dialog').getByText('\\u{202e}hidden').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('dialog').getByRole('button', { name: 'Download' }).click(),
    ])
    expect(download.suggestedFilename()).not.toContain('\u202e')
    await page.keyboard.press('Escape')
    await files().getByText('<b>bold', { exact: true }).waitFor()
    await main().getByText('Layer 2 has 1 name that no file can have').click()
    await main().getByText('../../escaped').waitFor()
    await expectOrder()
  })

  it('show what later layers hide', async () => {
    const hidden = main().getByRole('region', { name: 'Hidden by later layers' })
    await hidden.getByText(/^488 KiB \(62 % of/).waitFor()
    await hidden.getByRole('row', { name: '/var/cache' }).waitFor()
    const layers = main().getByRole('navigation', { name: 'Layers' })
    await layers.getByRole('link', { name: 'ADD rootfs.tar' }).getByText('488 KiB hidden').waitFor()
    await layers.getByRole('link', { name: 'RUN rm -rf' }).click()
    await files().getByRole('button', { name: 'var/' }).click()
    await files().getByRole('row', { name: 'cache' }).getByRole('cell', { name: 'removed' }).waitFor()
    await expectOrder()
  })

  it('are found by their names', async () => {
    await go('/r/team/app:1?files')
    await files().getByRole('searchbox').fill('tool')
    await files().getByText('/usr/bin/tool').waitFor()
    await files().getByText('1 match').waitFor()
    await files().getByRole('searchbox').fill('nothing like it')
    await files().getByText('No file has such a name.').waitFor()
    await expectOrder()
  })

  it('of layers that are not stored here are read from peers on demand', async () => {
    const peer: Asked = {
      fetch: (method, path, asking) =>
        fetch(new URL(path, `http://${site.host}`), { method, ...asking } as RequestInit),
    }
    await pushInsideImages(peer, 'away')
    await go('/r/away:1?files')
    await main().getByText('The layers are not stored here').waitFor()
    expect(await files().count()).toBe(0)
    await expectOrder()
    await main().getByRole('button', { name: 'Read from peers' }).click()
    await files().getByRole('button', { name: 'app/', exact: true }).waitFor()
  })
})

describe('a pull', () => {
  it('includes signatures and SBOMs if selected', async () => {
    await go('/')
    await page.getByRole('button', { name: 'Pull', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Image').fill('away:1')
    await dialog.getByLabel('Also signatures and SBOMs').press('Space')
    await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
    await page
      .getByRole('region', { name: /transfer/i })
      .getByRole('link', { name: /away@sha256/ })
      .waitFor()
    await go('/r/away:1')
    await row('SBOM').getByText('stored here', { exact: true }).waitFor()
    await go('/r/away:1?files')
    await files().getByRole('button', { name: 'app/', exact: true }).waitFor()
  })
})

describe('the difference of two tags', () => {
  it('shows their layers, configs and files', async () => {
    await go('/r/team/app:1')
    await main().getByRole('link', { name: 'Compare with…' }).click()
    await main().getByLabel('Compare with').fill('2')
    await page.keyboard.press('Enter')
    await main().getByRole('heading', { name: 'team/app:1 compared with team/app:2' }).waitFor()
    const layers = main().getByRole('region', { name: 'Layers' })
    await layers.getByText('2 layers,').waitFor()
    await layers.getByText('only in the second').waitFor()
    const config = main().getByRole('region', { name: 'Config' })
    await config.getByRole('row', { name: 'Environment MODE a b' }).waitFor()
    await config.getByRole('row', { name: 'User – node' }).waitFor()
    await main().getByRole('button', { name: 'Compare the files' }).click()
    await files().getByRole('heading', { name: '4 paths differ' }).waitFor()
    await files().getByRole('row', { name: '/app/server.js changed: content' }).waitFor()
    await files().getByLabel(/added/).uncheck()
    await files().getByText('/app/added.txt').waitFor({ state: 'detached' })
    await expectOrder()
  })

  it('has its own URL', async () => {
    await go('/r/team/app:2?compare=team/app:1')
    await main().getByText('only in the second').waitFor()
    await go('/r/team/app:2?compare=NO')
    await main().getByText('This is not an image.').waitFor()
    await go('/r/team/app:2?compare=team/app:2')
    await main().getByText('Both are the same image').waitFor()
    await expectOrder()
  })
})

describe('what is attached to it', () => {
  it('is an SBOM with its packages', async () => {
    await go('/r/team/app:1')
    const attached = main().getByRole('region', { name: 'Signatures and SBOMs' })
    await attached.getByRole('row', { name: 'SBOM' }).getByRole('link').last().click()
    const sbom = main().getByRole('region', { name: 'SBOM, SPDX 2.3' })
    await sbom.getByRole('heading', { name: '150 packages' }).waitFor()
    await sbom.getByRole('searchbox').fill('gpl')
    await sbom.getByRole('row', { name: 'package-7 1.7 GPL-3.0-only' }).waitFor()
    await main().getByRole('heading', { name: '1 file' }).waitFor()
    await expectOrder()
  })

  it('is a cosign signature, which is verified with a key', async () => {
    await go('/r/team/app:1')
    await main()
      .getByRole('region', { name: 'Signatures and SBOMs' })
      .getByRole('link', { name: 'Signature' })
      .click()
    const signature = main().getByRole('region', { name: 'Signature, cosign' })
    await signature.getByText('the builder', { exact: true }).waitFor()
    await signature.getByText('Not verified here').waitFor()
    await signature.getByText('Check it with a public key').click()
    await signature.getByLabel('Public key').fill(PUBLIC_KEY)
    await signature.getByRole('button', { name: 'Check the signature' }).click()
    await signature.getByText('This signature is of this key').waitFor()
    await signature.getByLabel('Public key').fill('nonsense')
    await signature.getByRole('button', { name: 'Check the signature' }).click()
    await signature.getByText('It could not be checked. This is not a public key').waitFor()
    await expectOrder()
  })

  it('is provenance in the index', async () => {
    await go('/r/team/app:attested')
    await main().getByRole('row', { name: 'Provenance linux/amd64' }).getByRole('link').first().click()
    const provenance = main().getByRole('region', { name: 'Provenance, SLSA 0.2' })
    await provenance.getByText('https://ci.example/run/7', { exact: true }).waitFor()
    await provenance.getByRole('link', { name: 'https://git.example/app' }).waitFor()
    await provenance.getByText('Nobody has signed this').waitFor()
    await expectOrder()
  })
})
