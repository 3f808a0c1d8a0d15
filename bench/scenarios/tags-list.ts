/** A page of 100 tags, of a repository that has no more and of one that has very many. */
import { seedTags } from '../client/image.ts'
import { compareTimes } from '../client/load.ts'
import { requestHead } from '../client/registry.ts'
import type { Scenario, Stage } from '../scenario.ts'

const FEW = 100

export const tagsList: Scenario = {
  name: 'tags-list',
  title: 'A page of 100 tags',
  figures: [
    { name: 'of 100', unit: 'ms', better: 'less' },
    { name: 'of 10,000', unit: 'ms', better: 'less' },
    { name: '10,000 : 100', unit: 'times', better: 'less', limit: 1.25 },
  ],
  lasts: 'scenario',
  ready: readyTagsList,
}

async function readyTagsList(stage: Stage) {
  const { port } = await stage.start()
  await seedTags(port, 'bench/few', FEW)
  await seedTags(port, 'bench/many', stage.size.manyTags)
  const page = (repository: string) => ({
    port,
    request: requestHead('GET', `/v2/${repository}/tags/list?n=${FEW}`),
  })
  return async () => {
    const [few, many] = await compareTimes(page('bench/few'), page('bench/many'), stage.size.seconds)
    return { 'of 100': few, 'of 10,000': many, '10,000 : 100': many / few }
  }
}
