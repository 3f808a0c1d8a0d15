/**
 * Tests the driver of WebKit with a browser that every machine has, so that it keeps working although WebKit is not
 * tested everywhere.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Site, servePage } from '../e2e/support/site.ts'
import { chromium } from './engines.ts'
import { isControlled, shownText } from './in-page.ts'
import { openRemote, type Remote } from './webkit/remote.ts'

const resources = new AsyncDisposableStack()
let site: Site
let remote: Remote

beforeAll(async () => {
  site = resources.use(await servePage({ swarm: [] }))
  remote = resources.use(await openRemote())
  const browser = resources.use(await chromium.open())
  await browser.goto(remote.emptyPage)
  await remote.firstPage()
  remote.passOn(new URL(site.url))
})

afterAll(() => resources.disposeAsync())

it('passes the page on, and drives it beside its worker', async () => {
  await remote.goto('/')
  await expect.poll(() => remote.run(shownText, undefined)).toContain('registry in this browser')
  await expect.poll(() => remote.run(isControlled, undefined)).toBe(true)
  await remote.goto('/storage')
  await expect.poll(() => remote.run(shownText, undefined)).toContain('Storage')
  await remote.reload()
  await expect.poll(() => remote.run(shownText, undefined)).toContain('Storage')
  expect(remote.state()).toContain('the page: /storage')
})

it('tells of work that fails', async () => {
  const work = () => Promise.reject(new Error('no such thing'))
  await expect(remote.run(work, undefined)).rejects.toThrow('no such thing')
})

it('does not wait for work of a page that is gone', async () => {
  const work = () => {
    setTimeout(() => location.reload())
    return new Promise(() => {})
  }
  await expect(remote.run(work, undefined)).rejects.toThrow('another page was loaded')
})
