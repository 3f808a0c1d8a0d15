/** One blob pushed by one PUT. */
import { pushByPut } from '../client/registry.ts'
import { pushFigures, readyPush } from '../measure.ts'
import type { Scenario } from '../scenario.ts'

export const pushPut: Scenario = {
  name: 'push-put',
  title: 'Push 1 GiB by one PUT',
  figures: pushFigures(2.3),
  lasts: 'round',
  ready: (stage) => readyPush(stage, (blob) => (connection) => pushByPut(connection, blob)),
}
