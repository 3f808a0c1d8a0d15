/** An archive of many small layers, imported by its page: what each layer costs, whatever its size. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dockerSave, tarOf } from '../../test/unit/core/archive/tars.ts'
import { milliseconds } from '../browser/figures.ts'
import { chooseFile, openVisit } from '../browser/visit.ts'
import { KIB } from '../client/blob.ts'
import type { Scenario, Stage, Values } from '../scenario.ts'

const LAYERS = 101
const LAYER = 75 * KIB

export const browserImport: Scenario = {
  name: 'browser-import',
  title: `Import an archive of ${LAYERS} layers, 7.4 MiB, in the browser`,
  figures: [milliseconds('first time', 2000), milliseconds('again')],
  lasts: 'round',
  alone: true,
  ready: async (stage) => () => measureImport(stage),
}

async function measureImport(stage: Stage): Promise<Values> {
  await using visit = await openVisit(stage)
  const { page } = visit
  const path = await makeArchive(stage)
  await chooseFile(page, { path })
  const importFile = () => page.evaluate(() => bench.importFile())
  return { 'first time': 1000 * (await importFile()), again: 1000 * (await importFile()) }
}

async function makeArchive(stage: Stage): Promise<string> {
  const layers = Array.from({ length: LAYERS }, () => randomBytes((LAYER * 3) / 4).toString('base64'))
  const path = join(stage.within('files').dataFolder, 'layers.tar')
  await writeFile(path, await tarOf(dockerSave({ layers })))
  return path
}
