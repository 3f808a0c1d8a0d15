/** Distinct manifests pushed, each by its own tag, over 16 connections. */
import { imageManifest, pushImageBlobs, putTag } from '../client/image.ts'
import { timeJobs } from '../client/load.ts'
import { manifestPut } from '../client/registry.ts'
import type { Scenario, Stage } from '../scenario.ts'

const CONNECTIONS = 16

export const tagsPush: Scenario = {
  name: 'tags-push',
  title: 'Push manifests with a new tag each, 16 connections',
  figures: [{ name: 'tags', unit: 'tags/s', better: 'more', ratio: 4 }],
  lasts: 'round',
  ready: readyTagsPush,
}

async function readyTagsPush(stage: Stage) {
  const { port } = await stage.start()
  await pushImageBlobs(port)
  await timeJobs(port, CONNECTIONS, puts('w', stage.size.tags / 10))
  const jobs = puts('t', stage.size.tags)
  return async () => ({ tags: jobs.length / (await timeJobs(port, CONNECTIONS, jobs)) })
}

const puts = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => {
    const tag = `${prefix}${index}`
    return putTag(manifestPut(tag, imageManifest(tag)))
  })
