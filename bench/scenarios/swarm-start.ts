/** From the start of the process to a joined swarm, and what it holds of memory when nothing happens. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Figure, Run, Scenario, Stage } from '../scenario.ts'
import type { Environment } from '../server/process.ts'
import { ALONE, addressOf } from '../server/swarm.ts'

/** Milliseconds after which a server that is asked nothing is said to be idle. */
const REST = 10_000

export const swarmStart: Scenario = {
  name: 'swarm-start',
  title: 'A peer that starts and rests',
  figures: [
    { name: 'first answer', unit: 'ms', better: 'less', limit: 400 },
    { name: 'swarm joined', unit: 'ms', better: 'less' },
    { name: 'resident', unit: 'MiB', better: 'less', limit: 120 },
    { name: 'first answer, alone', unit: 'ms', better: 'less' },
    { name: 'resident, alone', unit: 'MiB', better: 'less' },
  ] satisfies readonly Figure[],
  lasts: 'round',
  alone: true,
  ready: async (stage) => readyStart(stage),
}

function readyStart(stage: Stage): Run {
  return async () => {
    const peer = await startAndRest(stage, {}, true)
    const alone = await startAndRest(stage, ALONE, false)
    return {
      'first answer': peer.answered,
      'swarm joined': peer.joined,
      resident: peer.resident,
      'first answer, alone': alone.answered,
      'resident, alone': alone.resident,
    }
  }
}

async function startAndRest(stage: Stage, environment: Environment, joins: boolean) {
  const server = await stage.start({ environment })
  const since = performance.now()
  if (joins) await addressOf(server)
  const joined = server.startTime + performance.now() - since
  await sleep(REST)
  const resident = server.residentMemory()
  await server.stop()
  return { answered: server.startTime, joined, resident }
}
