/**
 * `npm run bench`: runs the scenarios, prints their figures as they come, writes the results.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtAGlance } from './at-a-glance.ts'
import { describeMachine } from './machine.ts'
import { type Findings, round, tableRow } from './markdown.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { type Plan, type Rounds, runRounds } from './rounds.ts'
import { FULL, QUICK, type Values } from './scenario.ts'
import { SCENARIOS } from './scenarios/all.ts'
import { killServers } from './server/process.ts'
import { BUNDLE, distribution, flotilla, HOME, type Registry, SOURCES } from './server/registries.ts'
import { type Row, summarise } from './summary.ts'

const RESULTS = join(import.meta.dirname, 'results')
const LIMIT = 10 * 60_000

async function main(options: Options): Promise<void> {
  const plan = planOf(options)
  const machine = describeMachine(plan.ours, plan.theirs)
  const rows: Row[] = []
  const failures: Record<string, string> = {}
  const runs: Record<string, Rounds> = {}
  for (const scenario of SCENARIOS.filter(({ name }) => options.names.includes(name))) {
    console.log(`\n${scenario.name}: ${scenario.title}`)
    try {
      runs[scenario.name] = await runRounds(scenario, plan)
      const added = summarise(scenario, runs[scenario.name]!)
      console.log(added.map(tableRow).join('\n'))
      rows.push(...added)
    } catch (error) {
      failures[scenario.name] = withoutPaths(plan, error)
      console.error(`${scenario.name} failed:`, error)
      process.exitCode = 1
    }
  }
  if (!options.quick) write({ machine, rounds: options.rounds, rows, failures }, runs)
}

function planOf({ dir, rounds, quick, bundle }: Options): Plan {
  const ours = flotilla(bundle ? BUNDLE : SOURCES)
  const theirs = distribution()
  const folder = mkdtempSync(join(dir, 'flotilla-bench-'))
  leaveNothing(folder)
  spreadOut(folder)
  return { folder, ours, theirs, rounds, size: quick ? QUICK : FULL, limit: LIMIT, report }
}

/** On ext4, keeps the files of one round away from those that another one deletes. */
function spreadOut(folder: string): void {
  spawnSync('chattr', ['+T', folder])
}

/** Stops the servers and removes the folder, in whichever way the process ends. */
function leaveNothing(folder: string): void {
  process.once('exit', () => {
    killServers()
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  })
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
}

function report(registry: Registry, values: Values): void {
  const figures = Object.entries(values).map(([name, value]) => `${name} ${round(value)}`)
  console.log(`  ${registry.name.padEnd(16)} ${figures.join('   ')}`)
}

function write(findings: Findings, runs: Readonly<Record<string, Rounds>>): void {
  const name = findings.machine.date!.replace(' ', 'T').replace(':', '')
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify({ ...findings, runs }, null, 2)}\n`)
  writeAtAGlance()
  console.log(`\nwritten: bench/results/${name}.json and docs/benchmarks.md`)
}

/** The first line of what went wrong, fit to be published. */
function withoutPaths({ folder }: Plan, error: unknown): string {
  const [line = ''] = String(error).split('\n')
  return line.replaceAll(folder, '…').replaceAll(HOME, '…')
}

try {
  const known = SCENARIOS.map(({ name }) => name)
  const options = readOptions(process.argv.slice(2), known)
  if (options.help) console.log(`${USAGE}\n\nscenarios: ${known.join(', ')}`)
  else await main(options)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
