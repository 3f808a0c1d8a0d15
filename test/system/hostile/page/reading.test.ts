/**
 * Who: a web page of another site, or of another port of this machine, that a developer happens to open.
 * Tries: to have the registry pull what the page names from a peer, and keep it, by requests that browsers send
 * without asking (images, scripts, HEAD, links); and to find out which images are here by whether a script loads, a
 * picture fails, or a window that was led to a blob stays what it was.
 * Gets: the same refusal for everything. Nothing is pulled, and stored and unknown content look alike.
 */

import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf } from '../../../support/digest.ts'
import { askAsOwner } from '../../../support/owner.ts'
import { imageOf, pushBlob, pushConfig, pushImage, pushManifest } from '../../../support/push.ts'
import { type RegistryPeer, startRegistryPeer } from '../../peers/registry-peer.ts'
import { type EvilSite, openEvilSite, openVictim, type Victim } from '../support/evil-site.ts'
import { overHttp } from '../support/over-http.ts'

/** Whoever holds a script knows it by its digest; so does the page that asks for it. */
const HELD = 'window.ran = true'

const opened = new AsyncDisposableStack()
let registry: RegistryPeer
let evil: EvilSite
let victim: Victim
let planted: { readonly digest: string }

beforeAll(async () => {
  const provider = opened.use(await startRegistryPeer())
  registry = opened.use(await startRegistryPeer([await provider.peerAddress()]))
  evil = opened.use(await openEvilSite())
  victim = opened.use(await openVictim())
  planted = await pushImage(overHttp(provider.url), 'planted/repo', { tag: 'latest' })
  const target = overHttp(registry.url)
  const config = await pushConfig(target, 'secret/project', '{"secret":true}')
  const layer = await pushBlob(target, 'secret/project', HELD)
  await pushManifest(target, 'secret/project', imageOf(config, [layer]))
  await registry.meet(await provider.id())
})

afterAll(() => opened.disposeAsync())

describe.each([
  ['another site', 'evil.test'],
  ['another port of this machine', 'localhost'],
])('a page of %s', (_, name) => {
  let page: Page

  beforeAll(async () => {
    page = await victim.open(`http://${name}:${evil.port}/`)
  })

  it('gets nothing pulled from peers', async () => {
    const target = `${registry.url}/v2/planted/repo`
    const urls = [
      `${target}/manifests/${planted.digest}`,
      `${target}/blobs/${digestOf('layer')}`,
      `${target}/tags/list`,
    ]
    await page.evaluate(sendQuietly, urls)
    await expectNothingNew()
  })

  it('cannot tell what is here', async () => {
    const target = `${registry.url}/v2/secret/project/blobs`
    const held = await page.evaluate(look, `${target}/${digestOf(HELD)}`)
    const missing = await page.evaluate(look, `${target}/${digestOf('missing')}`)
    expect(held).toEqual(missing)
    expect(held).toMatchObject({ script: 'error', image: 'error', style: 'error', fetch: 'TypeError' })
  })

  it('gets no form or link obeyed', async () => {
    const target = `${registry.url}/v2/planted/repo/manifests/${planted.digest}`
    await page.goto(page.url())
    const [response] = await Promise.all([page.waitForResponse(target), page.evaluate(follow, target)])
    expect(response.status()).toBe(403)
    await expectNothingNew()
    page = await victim.open(`http://${name}:${evil.port}/`)
  })
})

it('an address that somebody types is answered', async () => {
  const page = await victim.open(`${registry.url}/v2/_catalog`)
  expect(await page.textContent('body')).toContain('secret/project')
})

async function expectNothingNew(): Promise<void> {
  const { repositories, bytes } = await (await askAsOwner(registry, '/flotilla/storage')).json()
  expect(repositories.map(({ name }: { name: string }) => name)).toEqual(['secret/project'])
  expect(bytes.cached).toBe(0)
}

/** Runs in the page. Sends what browsers send without asking, and waits until each was answered. */
async function sendQuietly(urls: readonly string[]): Promise<void> {
  for (const url of urls) {
    for (const method of ['GET', 'HEAD'])
      await fetch(url, { method, mode: 'no-cors', referrerPolicy: 'no-referrer' }).catch(() => {})
    await new Promise((resolve) => {
      const image = new Image()
      image.onload = image.onerror = resolve
      image.src = url
    })
  }
}

/** Runs in the page. What it notices of a URL, by all the ways there are. */
async function look(url: string): Promise<Record<string, unknown>> {
  const outcomeOf = (name: string, more: Record<string, string>) =>
    new Promise<string>((resolve) => {
      const element = Object.assign(document.createElement(name), more)
      element.onload = () => resolve('load')
      element.onerror = () => resolve('error')
      document.body.append(element)
    })
  const framed = document.createElement('iframe')
  const frame = new Promise<unknown>((resolve) => {
    framed.onload = () => resolve(framed.contentDocument === null ? 'foreign' : 'blank')
    setTimeout(() => resolve('nothing'), 2000) // a download leaves the frame as it was
  })
  framed.src = url
  document.body.append(framed)
  return {
    script: await outcomeOf('script', { src: url }),
    image: await outcomeOf('img', { src: url }),
    style: await outcomeOf('link', { rel: 'stylesheet', href: url }),
    audio: await outcomeOf('audio', { src: url, preload: 'auto' }),
    fetch: await fetch(url).then(
      (response) => response.status,
      (error) => error.name,
    ),
    quiet: await fetch(url, { mode: 'no-cors' }).then(
      (response) => response.type,
      (error) => error.name,
    ),
    frame: await frame,
    ran: 'ran' in window,
  }
}

/** Runs in the page. */
function follow(url: string): void {
  const link = Object.assign(document.createElement('a'), { href: url, rel: 'noreferrer' })
  document.body.append(link)
  link.click()
}
