/** The service worker in Firefox, which stops one sooner than others do: here after a second. */
import { expect, it } from 'vitest'
import { createClient } from '../../src/core/client/client.ts'
import { digestOf } from '../../src/core/oci/digest.ts'
import { servePage } from '../e2e/support/site.ts'
import { incompressible } from '../fixtures/layer.ts'
import { firefoxPath } from '../support/firefox.ts'
import { isControlled, listOf } from './in-page.ts'
import { launch } from './puppeteer.ts'
import { openSlowWay } from './slow-way.ts'

const IDLE = 1000
const SIZE = 4_000_000

/** Bytes a second: the blob takes longer than a worker that has nothing to do. */
const RATE = SIZE / 4

const NAME = 'team/slow'

it('is not stopped while its answer is read', async () => {
  await using site = await servePage({ swarm: [] })
  const bytes = new Uint8Array(incompressible(SIZE, 'slow'))
  const digest = await digestOf(bytes)
  await createClient({ base: site.url }).pushBlob(NAME, digest, new Blob([bytes]))
  await using way = await openSlowWay(site.url, RATE)
  await using browser = await launch({
    browser: 'firefox',
    executablePath: firefoxPath(),
    extraPrefsFirefox: { 'dom.serviceWorkers.idle_timeout': IDLE },
  })
  await browser.goto(way.url)
  await expect.poll(() => browser.run(isControlled, undefined)).toBe(true)

  await expect.poll(() => browser.run(listOf, { path: '/flotilla/peers', key: 'peers' })).toHaveLength(1)

  expect(await browser.run(read, `/v2/${NAME}/blobs/${digest}`)).toEqual({ status: 200, size: SIZE })
})

/** Runs in the page. */
async function read(path: string) {
  const response = await fetch(path)
  let size = 0
  for await (const { length } of response.body!) size += length
  return { status: response.status, size }
}
