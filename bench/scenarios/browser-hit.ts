/**
 * A blob that the browser holds, read by its page, beside what a service worker can do at best and at worst with a file
 * of the same size: to hand it over as it is, and to lead its bytes through JavaScript. All in one browser, in turn.
 */
import type { Page } from 'playwright'
import { speed, times } from '../browser/figures.ts'
import { chooseFile, makeFile, openBarePage, openVisit } from '../browser/visit.ts'
import { REPOSITORY } from '../client/registry.ts'
import { megabytesPerSecond } from '../measure.ts'
import { median } from '../median.ts'
import type { Scenario, Stage, Values } from '../scenario.ts'

const TURNS = 5

const BARE = { 'new Response(file)': '/file', 'its stream': '/stream', 're-wrapped': '/re-wrapped' }

export const browserHit: Scenario = {
  name: 'browser-hit',
  title: 'Read 256 MiB that the browser holds',
  figures: [
    speed('hit'),
    ...Object.keys(BARE).map((name) => speed(name)),
    times('hit : new Response(file)', 0.9),
    times('hit : its stream'),
    times('hit : re-wrapped', 2),
  ],
  lasts: 'round',
  alone: true,
  ready: async (stage) => () => measureHits(stage),
}

async function measureHits(stage: Stage): Promise<Values> {
  await using opened = new AsyncDisposableStack()
  const { visitor, page } = opened.use(await openVisit(stage))
  const file = await makeFile(stage, stage.size.browserBlob)
  await chooseFile(page, file)
  await page.evaluate(([name, digest]) => bench.putFile(name, digest), [REPOSITORY, file.digest] as const)
  const bare = await openBarePage(visitor, opened)
  await bare.evaluate((size) => bench.writeFile('blob', size), file.size)

  const ways = {
    hit: () => readSpeed(page, `/v2/${REPOSITORY}/blobs/${file.digest}`, file.size),
    ...mapped(BARE, (path) => () => readSpeed(bare, path, file.size)),
  }
  await takeTurn(ways, 0)
  const turns: Record<string, number>[] = []
  while (turns.length < TURNS) turns.push(withRatios(await takeTurn(ways, turns.length)))
  return mapped(turns[0]!, (_, name) => median(turns.map((turn) => turn[name]!)))
}

/** Every other turn backwards, so that none always follows the same one. */
async function takeTurn(ways: Readonly<Record<string, () => Promise<number>>>, turn: number) {
  const speeds: Record<string, number> = {}
  const order = turn % 2 === 0 ? Object.keys(ways) : Object.keys(ways).reverse()
  for (const name of order) speeds[name] = await ways[name]!()
  return speeds
}

function withRatios(speeds: Readonly<Record<string, number>>): Record<string, number> {
  const ratios = Object.keys(BARE).map((name) => [`hit : ${name}`, speeds['hit']! / speeds[name]!])
  return { ...speeds, ...Object.fromEntries(ratios) }
}

async function readSpeed(page: Page, path: string, expected: number): Promise<number> {
  await page.bringToFront()
  const { seconds, size } = await page.evaluate((path) => bench.read(path), path)
  if (size !== expected) throw new Error(`read ${size} bytes of ${expected}`)
  return megabytesPerSecond(size, seconds)
}

const mapped = <From, To>(
  values: Readonly<Record<string, From>>,
  map: (value: From, name: string) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]))
