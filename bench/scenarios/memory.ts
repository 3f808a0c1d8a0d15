/** The most memory a server has had after eight pushes at once, and after eight pulls at once. */
import { RandomBlob } from '../client/blob.ts'
import { timeJobs } from '../client/load.ts'
import { pull, pushByPut } from '../client/registry.ts'
import type { Scenario, Stage } from '../scenario.ts'

const TRANSFERS = 8

export const memory: Scenario = {
  name: 'memory',
  title: 'Peak memory of 8 parallel transfers of 1 GiB',
  figures: [
    { name: 'pushes', unit: 'MiB', better: 'less', limit: 200 },
    { name: 'pulls', unit: 'MiB', better: 'less', limit: 200 },
  ],
  lasts: 'round',
  ready: readyMemory,
}

async function readyMemory(stage: Stage) {
  const blobs = Array.from({ length: TRANSFERS }, () => new RandomBlob(stage.size.blob))
  return async () => {
    const pushes = await peak(stage, blobs, pushByPut)
    const pulls = await peak(stage, blobs, pull)
    return { pushes, pulls }
  }
}

/** The peak of a server that does nothing else, until it rests. */
async function peak(stage: Stage, blobs: readonly RandomBlob[], transfer: typeof pull): Promise<number> {
  const server = await stage.start()
  const jobs = blobs.map((blob) => (connection: Parameters<typeof pull>[0]) => transfer(connection, blob))
  await timeJobs(server.port, TRANSFERS, jobs)
  await server.idle()
  const peak = server.peakMemory()
  await server.stop()
  return peak
}
