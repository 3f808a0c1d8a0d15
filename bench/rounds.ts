/**
 * Runs one scenario in interleaved rounds: ours, theirs, ours, theirs, so that what else the machine does hits
 * both alike.
 */
import { join } from 'node:path'
import type { Run, Scenario, Size, Values } from './scenario.ts'
import type { Registry } from './server/registries.ts'
import { type OpenStage, openStage } from './stage.ts'

export interface Rounds {
  readonly ours: readonly Values[]
  /** Empty where the reference is not asked. */
  readonly theirs: readonly Values[]
}

export interface Plan {
  /** The benchmark's own folder. */
  readonly folder: string
  readonly ours: Registry
  readonly theirs: Registry
  readonly rounds: number
  readonly size: Size
  /** The most that making ready, or one run, may take, in milliseconds. */
  readonly limit: number
  report(registry: Registry, values: Values): void
}

export async function runRounds(scenario: Scenario, plan: Plan): Promise<Rounds> {
  const registries = scenario.alone ? [plan.ours] : [plan.ours, plan.theirs]
  const lanes = registries.map((registry, index) => createLane(scenario, plan, registry, `lane-${index}`))
  try {
    for (let round = 0; round < plan.rounds; round++) {
      for (const lane of lanes) await lane.run()
    }
  } finally {
    for (const lane of lanes) await lane.close()
  }
  return { ours: lanes[0]!.values, theirs: lanes[1]?.values ?? [] }
}

/** One registry's way through a scenario. */
function createLane(scenario: Scenario, plan: Plan, registry: Registry, name: string) {
  const values: Values[] = []
  let stage: OpenStage | undefined
  let measured: Run | undefined
  const close = async (): Promise<void> => {
    await stage?.close()
    stage = measured = undefined
  }
  const run = async (): Promise<void> => {
    stage ??= openStage(join(plan.folder, `${name}-${values.length}`), registry, plan.size)
    measured ??= await within(plan.limit, scenario.ready(stage))
    const result = await within(plan.limit, measured())
    values.push(result)
    plan.report(registry, result)
    if (scenario.lasts === 'round') await close()
  }
  return { values, run, close }
}

async function within<T>(limit: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`took longer than ${limit / 1000} s`)), limit)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
