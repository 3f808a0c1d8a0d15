/** The same questions to a catalog of a thousand blobs and to one of a million. */
import { seedTags } from '../client/image.ts'
import { compareTimes } from '../client/load.ts'
import { requestHead } from '../client/registry.ts'
import type { Figure, Run, Scenario, Stage } from '../scenario.ts'
import { seedCatalog, seededDigest, seededRepository, seedFiles } from '../seed.ts'

const FEW = 1_000
const TAGGED = 'bench/tagged'

const QUESTIONS = [
  { name: '_catalog page', request: requestHead('GET', '/v2/_catalog?n=100') },
  { name: 'tags/list page', request: requestHead('GET', `/v2/${TAGGED}/tags/list?n=100`) },
  { name: 'blob HEAD', request: requestHead('HEAD', `/v2/${seededRepository(0)}/blobs/${seededDigest(1)}`) },
]

export const catalog: Scenario = {
  name: 'catalog',
  title: 'Questions to a catalog of 1,000 and of 1,000,000 blobs',
  figures: QUESTIONS.flatMap(({ name }): Figure[] => [
    { name: `${name}, 1,000`, unit: 'ms', better: 'less' },
    { name: `${name}, 1,000,000`, unit: 'ms', better: 'less' },
    { name: `${name}, 1,000,000 : 1,000`, unit: 'times', better: 'less', limit: 1.25 },
  ]),
  lasts: 'scenario',
  alone: true,
  ready: readyCatalog,
}

async function readyCatalog(stage: Stage): Promise<Run> {
  const few = await seeded(stage, 'few', FEW)
  const many = await seeded(stage, 'many', stage.size.manyBlobs)
  return async () => {
    const values: Record<string, number> = {}
    for (const { name, request } of QUESTIONS) {
      const { seconds } = stage.size
      const [ofFew, ofMany] = await compareTimes({ port: few, request }, { port: many, request }, seconds)
      values[`${name}, 1,000`] = ofFew
      values[`${name}, 1,000,000`] = ofMany
      values[`${name}, 1,000,000 : 1,000`] = ofMany / ofFew
    }
    return values
  }
}

/** The port of a server on a new folder that holds `blobs` blobs. */
async function seeded(stage: Stage, folder: string, blobs: number): Promise<number> {
  const place = stage.within(folder)
  await (await place.start()).stop()
  seedCatalog(place.dataFolder, { blobs })
  seedFiles(place.dataFolder, { blobs: FEW })
  const { port } = await place.start()
  await seedTags(port, TAGGED, 100)
  return port
}
