/** The service worker in Firefox, which stops idle workers sooner than other engines: here after a second. */
import { expect, it } from 'vitest'
import { createClient } from '../../../src/core/client/client.ts'
import { digestOf } from '../../../src/core/oci/digest.ts'
import { incompressible } from '../../fixtures/layer.ts'
import { firefoxPath } from '../../support/firefox.ts'
import { openSlowWay } from '../../support/way.ts'
import { provideContent } from '../e2e/support/content.ts'
import { servePage } from '../e2e/support/site.ts'
import { isControlled, listOf, pushAndRead } from './in-page.ts'
import { type LaunchOptions, launch } from './puppeteer.ts'

const IDLE = 1000
const SIZE = 4_000_000

/** Bytes per second: the blob takes longer than an idle worker lives. */
const RATE = SIZE / 4

const NAME = 'team/slow'

const FIREFOX: LaunchOptions = {
  browser: 'firefox',
  executablePath: firefoxPath(),
  extraPrefsFirefox: { 'dom.serviceWorkers.idle_timeout': IDLE },
}

it('is not stopped while its answer is read', async () => {
  await using site = await servePage({ swarm: [] })
  const bytes = new Uint8Array(incompressible(SIZE, 'slow'))
  const digest = await digestOf(bytes)
  await createClient({ base: site.url }).pushBlob(NAME, digest, new Blob([bytes]))
  await using way = await openSlowWay(site.url, RATE)
  await using browser = await launch(FIREFOX)
  await browser.goto(way.url)
  await expect.poll(() => browser.run(isControlled, undefined)).toBe(true)

  await expect.poll(() => browser.run(listOf, { path: '/flotilla/peers', key: 'peers' })).toHaveLength(1)

  expect(await browser.run(read, `/v2/${NAME}/blobs/${digest}`)).toEqual({ status: 200, size: SIZE })
})

it('takes the body of a request that has started it', async () => {
  await using site = await servePage()
  await using browser = await launch(FIREFOX)
  await browser.goto(site.url)
  await expect.poll(() => browser.run(isControlled, undefined)).toBe(true)
  await browser.run(provideContent, undefined)

  const push = { way: 'chunked PATCH', name: NAME, seed: 1, size: SIZE, pause: 4 * IDLE } as const
  const { digest, read } = await browser.run(pushAndRead, push)

  expect(read).toBe(digest)
})

/** Runs in the page. */
async function read(path: string) {
  const response = await fetch(path)
  let size = 0
  for await (const { length } of response.body!) size += length
  return { status: response.status, size }
}
