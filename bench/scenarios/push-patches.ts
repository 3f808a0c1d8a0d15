/** One blob pushed by many PATCH requests of 16 MiB. */
import { pushByPatches } from '../client/registry.ts'
import { pushFigures, readyPush } from '../measure.ts'
import type { Scenario } from '../scenario.ts'

export const pushPatches: Scenario = {
  name: 'push-patches',
  title: 'Push 1 GiB by PATCH requests of 16 MiB',
  figures: pushFigures(2),
  lasts: 'round',
  ready: (stage) => readyPush(stage, (blob) => (connection) => pushByPatches(connection, blob)),
}
