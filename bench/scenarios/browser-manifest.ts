/** A manifest that the browser holds, read by its page: with a service worker that runs, and with one that was stopped. */
import type { Page } from 'playwright'
import { milliseconds } from '../browser/figures.ts'
import { openVisit } from '../browser/visit.ts'
import { stopWorker } from '../browser/worker.ts'
import { REPOSITORY } from '../client/registry.ts'
import { median } from '../median.ts'
import type { Scenario, Stage, Values } from '../scenario.ts'

const READS = 200
const STOPS = 9

/** Milliseconds of rest before each stop: browsers stop workers that are idle, and none that has just begun. */
const REST = 2000
const TAG = 'latest'

export const browserManifest: Scenario = {
  name: 'browser-manifest',
  title: 'Read a manifest that the browser holds',
  figures: [
    milliseconds('by tag', 5),
    milliseconds('by digest', 5),
    milliseconds('by tag, worker stopped', 150),
    milliseconds('by digest, worker stopped', 150),
    milliseconds('nothing but the start of the worker'),
  ],
  lasts: 'round',
  alone: true,
  ready: async (stage) => () => measureManifests(stage),
}

async function measureManifests(stage: Stage): Promise<Values> {
  await using visit = await openVisit(stage)
  const { page } = visit
  const digest = await page.evaluate(([name, tag]) => bench.pushImage(name, tag), [REPOSITORY, TAG] as const)
  const [byTag, byDigest] = [TAG, digest].map((reference) => `/v2/${REPOSITORY}/manifests/${reference}`)
  return {
    'by tag': await warm(page, byTag!),
    'by digest': await warm(page, byDigest!),
    'by tag, worker stopped': await cold(page, byTag!),
    'by digest, worker stopped': await cold(page, byDigest!),
    'nothing but the start of the worker': await cold(page, '/flotilla/whoami'),
  }
}

/** Milliseconds. */
const warm = async (page: Page, path: string): Promise<number> =>
  median(await page.evaluate(([path, count]) => bench.readOften(path, count), [path, READS] as const))

/** Milliseconds. */
async function cold(page: Page, path: string): Promise<number> {
  const times: number[] = []
  while (times.length < STOPS) {
    await page.waitForTimeout(REST)
    await stopWorker(page)
    times.push(...(await page.evaluate((path) => bench.readOften(path, 1), path)))
  }
  return median(times)
}
