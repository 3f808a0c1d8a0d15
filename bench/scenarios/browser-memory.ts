/** The memory of the browser while its page pushes a large file, and while it pulls a large blob from a peer. */
import { mebibytes, part } from '../browser/figures.ts'
import { memoryDuring, type Sample } from '../browser/memory.ts'
import { chooseFile, hold, makeFile, openVisit } from '../browser/visit.ts'
import { REPOSITORY } from '../client/registry.ts'
import { median } from '../median.ts'
import type { Scenario, Stage, Values } from '../scenario.ts'

/** 2 GiB. */
const BLOBS = 8

/** MiB: a quarter of the blob. Chromium collects what was read only now and then. */
const MAX_GROWTH = 512

const WAYS = ['push', 'pull']

export const browserMemory: Scenario = {
  name: 'browser-memory',
  title: 'Memory of the browser, 2 GiB pushed and pulled',
  figures: WAYS.flatMap((way) => [
    mebibytes(`${way}, renderers before`),
    mebibytes(`${way}, renderers grow by`, MAX_GROWTH),
    part(`${way}, second half : first half`, 1.25),
    mebibytes(`${way}, other processes grow by`),
  ]),
  lasts: 'round',
  alone: true,
  ready: async (stage) => () => measureMemory(stage),
}

async function measureMemory(stage: Stage): Promise<Values> {
  await using visit = await openVisit(stage)
  const { visitor, server, page } = visit
  const size = BLOBS * stage.size.browserBlob
  const file = await makeFile(stage, size)
  await chooseFile(page, file)
  const pushed = [REPOSITORY, file.digest] as const
  const push = () => page.evaluate(([name, digest]) => bench.pushFile(name, digest), pushed)
  const { digest } = await hold(server, size)
  const pull = () => page.evaluate((path) => bench.read(path), `/v2/${REPOSITORY}/blobs/${digest}`)
  return {
    ...valuesOf('push', await memoryDuring(visitor, push)),
    ...valuesOf('pull', await memoryDuring(visitor, pull)),
  }
}

function valuesOf(way: string, samples: readonly Sample[]): Values {
  const [before] = samples
  const half = Math.ceil(samples.length / 2)
  return {
    [`${way}, renderers before`]: before!.renderers,
    [`${way}, renderers grow by`]: peak(samples, 'renderers') - before!.renderers,
    [`${way}, second half : first half`]: middle(samples.slice(half)) / middle(samples.slice(0, half)),
    [`${way}, other processes grow by`]: peak(samples, 'others') - before!.others,
  }
}

const peak = (samples: readonly Sample[], of: keyof Sample): number =>
  Math.max(...samples.map((sample) => sample[of]))

const middle = (samples: readonly Sample[]): number => median(samples.map(({ renderers }) => renderers))
