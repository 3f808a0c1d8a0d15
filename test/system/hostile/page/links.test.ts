/**
 * Who: a page of another site, whose visitor has a registry in their browser (the service worker answers for it).
 * Tries: to lead the browser to addresses of the registry by links, forms and windows, with and without a referrer,
 * so that the registry pulls an image from its peers and keeps it, or starts a download; and to learn from the window
 * which.
 * Gets: a refusal that looks the same for stored and unknown content. The page's own links work.
 */

import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf } from '../../../support/digest.ts'
import { pushImage } from '../../../support/push.ts'
import { type RegistryProcess, startRegistry } from '../../../support/registry-process.ts'
import { type EvilSite, openEvilSite, openVictim, type Victim } from '../support/evil-site.ts'
import { overHttp } from '../support/over-http.ts'

const HELD = 'held in the browser'

const opened = new AsyncDisposableStack()
let registry: RegistryProcess
let evil: EvilSite
let victim: Victim
let own: Page
let planted: { readonly digest: string }

beforeAll(async () => {
  registry = opened.use(await startRegistry({ swarm: [] }))
  evil = opened.use(await openEvilSite())
  victim = opened.use(await openVictim())
  planted = await pushImage(overHttp(registry.url), 'planted/repo', { tag: 'latest' })
  own = await victim.open(registry.page)
  await own.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated')
  const path = `/v2/held/repo/blobs/uploads/?digest=${digestOf(HELD)}`
  expect(await own.evaluate(pushHere, { path, content: HELD })).toBe(201)
})

afterAll(() => opened.disposeAsync())

const targets = () => ({
  'what peers have': `/v2/planted/repo/manifests/${planted.digest}`,
  'an archive': '/flotilla/archive/planted/repo/latest',
  'what is held': `/v2/held/repo/blobs/${digestOf(HELD)}`,
  'what nobody has': `/v2/held/repo/blobs/${digestOf('nowhere')}`,
})

type Way = 'link' | 'silent link' | 'form' | 'window'

describe.each<Way>(['link', 'silent link', 'form', 'window'])('by a %s', (way) => {
  it('nothing is pulled, and all refusals look alike', async () => {
    for (const [what, path] of Object.entries(targets())) {
      const page = await victim.open(`http://evil.test:${evil.port}/`)
      const url = registry.page + path
      const [response] = await Promise.all([
        page.context().waitForEvent('response', (response) => response.url() === url),
        page.evaluate(lead, { way, url }),
      ])
      expect([what, response.status(), response.fromServiceWorker()]).toEqual([what, 403, true])
      await page.close()
    }
    expect(await own.evaluate(namesHeld)).toEqual(['held/repo'])
  })
})

it('the page’s own links are followed', async () => {
  const [download] = await Promise.all([
    own.waitForEvent('download'),
    own.evaluate(lead, { way: 'link' as const, url: targets()['what is held'] }),
  ])
  expect(await download.failure()).toBeNull()
})

/** Runs in the page. */
async function pushHere({ path, content }: { path: string; content: string }): Promise<number> {
  return (await fetch(path, { method: 'POST', body: content })).status
}

/** Runs in the page. */
async function namesHeld(): Promise<string[]> {
  const { repositories } = await (await fetch('/flotilla/storage')).json()
  return repositories.map(({ name }: { name: string }) => name)
}

/** Runs in the page. */
function lead({ way, url }: { way: Way; url: string }): void {
  if (way === 'window') {
    window.open(url)
    return
  }
  if (way === 'form') {
    const form = Object.assign(document.createElement('form'), { action: url, method: 'POST' })
    document.body.append(form)
    form.submit()
    return
  }
  const rel = way === 'silent link' ? 'noreferrer' : ''
  const link = Object.assign(document.createElement('a'), { href: url, rel })
  document.body.append(link)
  link.click()
}
