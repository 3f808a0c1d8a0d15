/**
 * Pushes without a pause, until the server rests: what is put off until after the answer is paid for here.
 */
import { RandomBlob } from '../client/blob.ts'
import { withConnections } from '../client/connection.ts'
import { pushByPut } from '../client/registry.ts'
import { megabytesPerSecond, warmServer } from '../measure.ts'
import type { Scenario, Stage } from '../scenario.ts'

const PUSHES = 3

export const pushSustained: Scenario = {
  name: 'push-sustained',
  title: 'Push 3 x 1 GiB by PUT without a pause, until the server is idle',
  figures: [{ name: 'throughput', unit: 'MB/s', better: 'more' }],
  lasts: 'round',
  ready: readySustained,
}

async function readySustained(stage: Stage) {
  const server = await warmServer(stage)
  const blobs = Array.from({ length: PUSHES }, () => new RandomBlob(stage.size.blob))
  return async () => {
    const start = performance.now()
    await withConnections(server.port, 1, async ([connection]) => {
      for (const blob of blobs) await pushByPut(connection!, blob)
    })
    const seconds = ((await server.idle()) - start) / 1000
    return { throughput: megabytesPerSecond(PUSHES * stage.size.blob, seconds) }
  }
}
