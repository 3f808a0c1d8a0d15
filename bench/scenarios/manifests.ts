/** One manifest asked for by its tag again and again, over keep-alive connections. */

import { seedTags } from '../client/image.ts'
import { answersPerSecond } from '../client/load.ts'
import { MANIFEST_TYPE, REPOSITORY, requestHead } from '../client/registry.ts'
import type { Figure, Scenario, Stage } from '../scenario.ts'

const CASES = ['GET', 'HEAD'].flatMap((method) =>
  [1, 16, 64].map((connections) => ({ name: `${method}, ${connections}`, method, connections })),
)

export const manifests: Scenario = {
  name: 'manifests',
  title: 'Manifest by tag (method, connections)',
  figures: CASES.map(({ name }): Figure => ({ name, unit: 'requests/s', better: 'more', ratio: 10 })),
  lasts: 'scenario',
  ready: readyManifests,
}

async function readyManifests(stage: Stage) {
  const { port } = await stage.start()
  await seedTags(port, REPOSITORY, 1)
  return async () => {
    const values: Record<string, number> = {}
    for (const { name, method, connections } of CASES) {
      const request = requestHead(method, `/v2/${REPOSITORY}/manifests/t0`, { Accept: MANIFEST_TYPE })
      values[name] = await answersPerSecond(port, connections, stage.size.seconds, request)
    }
    return values
  }
}
