/**
 * A file on the disk pushed by its page, beside what each part of that costs when a worker or a page does nothing else:
 * to hand the file to the worker, to hash it, to write it.
 */
import type { Page } from 'playwright'
import { speed, times } from '../browser/figures.ts'
import { type BlobFile, chooseFile, makeFile, openBarePage, openVisit } from '../browser/visit.ts'
import { MIB } from '../client/blob.ts'
import { REPOSITORY } from '../client/registry.ts'
import { megabytesPerSecond } from '../measure.ts'
import type { Scenario, Stage, Values } from '../scenario.ts'

const WARM_UP = 32 * MIB

export const browserPush: Scenario = {
  name: 'browser-push',
  title: 'Push a file of 256 MiB in the browser',
  figures: [
    speed('PUT', 100),
    speed('page', 100),
    speed('handed over only'),
    speed('hashed only'),
    speed('written only'),
    times('PUT : written only'),
    times('PUT : hashed only'),
  ],
  lasts: 'round',
  alone: true,
  ready: async (stage) => () => measurePushes(stage),
}

async function measurePushes(stage: Stage): Promise<Values> {
  await using opened = new AsyncDisposableStack()
  const { visitor, page } = opened.use(await openVisit(stage))
  const bare = await openBarePage(visitor, opened)
  const size = stage.size.browserBlob
  await put(page, await makeFile(stage, WARM_UP))
  await bare.evaluate((size) => bench.writeFile('warm-up', size), WARM_UP)

  const files = [await makeFile(stage, size), await makeFile(stage, size)] as const
  const handed = await handOver(bare, files[0])
  const written = await bare.evaluate((size) => bench.writeFile('blob', size), size)
  const byPut = await put(page, files[0])
  const byPage = await pushAsPage(page, files[1])
  const hashed = await bare.evaluate((size) => bench.hash(size), size)
  return {
    PUT: megabytesPerSecond(size, byPut),
    page: megabytesPerSecond(size, byPage),
    'handed over only': megabytesPerSecond(size, handed),
    'hashed only': megabytesPerSecond(size, hashed),
    'written only': megabytesPerSecond(size, written),
    'PUT : written only': written / byPut,
    'PUT : hashed only': hashed / byPut,
  }
}

async function put(page: Page, file: BlobFile): Promise<number> {
  await chooseFile(page, file)
  return page.evaluate(([name, digest]) => bench.putFile(name, digest), [REPOSITORY, file.digest] as const)
}

async function pushAsPage(page: Page, file: BlobFile): Promise<number> {
  await chooseFile(page, file)
  return page.evaluate(([name, digest]) => bench.pushFile(name, digest), [REPOSITORY, file.digest] as const)
}

async function handOver(page: Page, file: BlobFile): Promise<number> {
  await chooseFile(page, file)
  return page.evaluate(() => bench.sendFile('/drain'))
}
