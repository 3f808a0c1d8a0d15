/** From the start of the process to its first answer, with many blobs stored: sources and bundle. */
import { existsSync } from 'node:fs'
import type { Run, Scenario, Stage } from '../scenario.ts'
import { seedCatalog, seedFiles } from '../seed.ts'
import { BUNDLE, flotilla, SOURCES } from '../server/registries.ts'

const ENTRIES = [
  { name: 'sources', entry: SOURCES },
  { name: 'bundle', entry: BUNDLE },
].filter(({ entry }) => existsSync(entry))

export const startUp: Scenario = {
  name: 'start',
  title: 'Start to first answer, 100,000 blobs stored',
  figures: ENTRIES.map(({ name }) => ({ name, unit: 'ms', better: 'less', limit: 500 })),
  lasts: 'scenario',
  alone: true,
  ready: readyStart,
}

async function readyStart(stage: Stage): Promise<Run> {
  await (await stage.start()).stop()
  const seed = { blobs: stage.size.storedBlobs }
  seedCatalog(stage.dataFolder, seed)
  seedFiles(stage.dataFolder, seed)
  return async () => {
    const values: Record<string, number> = {}
    for (const { name, entry } of ENTRIES) {
      const server = await stage.start({ registry: flotilla(entry) })
      values[name] = server.startTime
      await server.stop()
    }
    return values
  }
}
