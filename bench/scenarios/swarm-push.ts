/** What it costs pushes that the registry is a peer: each scenario on one that is in a swarm, and on one that is not. */
import type { Figure, Run, Scenario, Stage } from '../scenario.ts'
import type { Environment, Server } from '../server/process.ts'
import { ALONE, addressOf, inSwarm, metAnother } from '../server/swarm.ts'
import { pushPatches } from './push-patches.ts'
import { pushPut } from './push-put.ts'
import { pushSmallBlobs } from './push-small.ts'
import { tagsPush } from './tags-push.ts'

/** Of the throughput without the swarm. */
const LEAST = 0.9

const PUSHES = [
  { scenario: pushPut, names: { throughput: 'PUT 1 GiB' } },
  { scenario: pushPatches, names: { throughput: 'PATCH 16 MiB' } },
  {
    scenario: pushSmallBlobs,
    names: { '1 connection': '4 KiB blobs, 1 connection', '8 connections': '4 KiB blobs, 8 connections' },
  },
  { scenario: tagsPush, names: { tags: 'manifests by tag' } },
]

export const swarmPush: Scenario = {
  name: 'swarm-push',
  title: 'Push to a registry in a swarm and to one alone',
  figures: PUSHES.flatMap(({ scenario, names }) => [
    ...Object.entries(names).flatMap(([figure, name]): Figure[] => [
      { name: `${name}, swarm`, unit: unitOf(scenario, figure), better: 'more' },
      { name: `${name}, alone`, unit: unitOf(scenario, figure), better: 'more' },
      { name: `${name}, swarm : alone`, unit: 'times', better: 'more', least: LEAST },
    ]),
    { name: `${scenario.name}, CPU until idle, swarm`, unit: 's', better: 'less' },
    { name: `${scenario.name}, CPU until idle, alone`, unit: 's', better: 'less' },
    { name: `${scenario.name}, time until idle, swarm : alone`, unit: 'times', better: 'less' },
  ]),
  lasts: 'round',
  alone: true,
  ready: async (stage) => readySwarmPush(stage),
}

function unitOf({ figures }: Scenario, name: string): string {
  return figures.find((figure) => figure.name === name)!.unit
}

function readySwarmPush(stage: Stage): Run {
  return async () => {
    const values: Record<string, number> = {}
    for (const { scenario, names } of PUSHES) {
      const swarm = await measure(scenario, stage.within(`${scenario.name}-swarm`), inCompany)
      const alone = await measure(scenario, stage.within(`${scenario.name}-alone`), aloneOn)
      for (const [figure, name] of Object.entries(names)) {
        values[`${name}, swarm`] = swarm.values[figure]!
        values[`${name}, alone`] = alone.values[figure]!
        values[`${name}, swarm : alone`] = swarm.values[figure]! / alone.values[figure]!
      }
      values[`${scenario.name}, CPU until idle, swarm`] = swarm.cpu
      values[`${scenario.name}, CPU until idle, alone`] = alone.cpu
      values[`${scenario.name}, time until idle, swarm : alone`] = swarm.seconds / alone.seconds
    }
    return values
  }
}

type Start = (stage: Stage) => Promise<Started>

interface Started {
  readonly server: Server
  stop(): Promise<void>
}

const aloneOn: Start = async (stage) => startOn(stage, ALONE)

/** Connected to one other peer. */
const inCompany: Start = async (stage) => {
  const other = await stage.within('other').start({ environment: inSwarm() })
  const { server, stop } = await startOn(stage, inSwarm(await addressOf(other)))
  await metAnother(server)
  await server.idle()
  return { server, stop: async () => void (await Promise.all([stop(), other.stop()])) }
}

async function startOn(stage: Stage, environment: Environment): Promise<Started> {
  const server = await stage.start({ environment })
  return { server, stop: () => server.stop() }
}

async function measure(scenario: Scenario, stage: Stage, start: Start) {
  const { server, stop } = await start(stage)
  const run = await scenario.ready({ ...stage, start: async () => server })
  await server.idle()
  const before = { cpu: server.cpuSeconds(), time: performance.now() }
  const values = await run()
  const seconds = ((await server.idle()) - before.time) / 1000
  const cpu = server.cpuSeconds() - before.cpu
  await stop()
  return { values, cpu, seconds }
}
