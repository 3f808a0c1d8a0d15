/**
 * Writes `docs/benchmarks.md`: the latest value of each figure that is compared with another registry, or that the project
 * asks something of, out of all results. `npm run bench` does this at its end.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Findings, round, wanted } from './markdown.ts'
import type { Row } from './summary.ts'

const RESULTS = join(import.meta.dirname, 'results')
const PAGE = join(import.meta.dirname, '../docs/benchmarks.md')

const INTRODUCTION = `Medians on two cores of one machine, with the reference registry beside it on the same disk: the latest value of
each figure. [bench/README.md](../bench/README.md) says how they are measured, and [bench/results](../bench/results) has every single
run, with the machine and the versions. \`npm run bench\` measures again and rewrites this page.

**×** is how many times better Flotilla is. **wanted** is what the project asks of itself; figures that miss it are bold. The
reference is Debian's docker-registry (Distribution 2.8.2), whose build has no hardware SHA-256: with it, by our estimate, it would push
about 1.8 times as fast. Distribution v3 and zot have not been measured yet. What registries use at rest is in
[another table](../bench/results/2026-11-30T1537-idle.md).`

interface Dated extends Row {
  readonly date: string
}

export function writeAtAGlance(): void {
  const rows = latestRows().filter(({ theirs, met }) => theirs !== undefined || met !== undefined)
  const compared = rows.filter(({ theirs }) => theirs !== undefined)
  const alone = rows.filter(({ theirs }) => theirs === undefined)
  const head = ['scenario', 'figure', 'Flotilla', 'docker-registry', '×', 'wanted', 'measured']
  const lines = [head, head.map(() => '---'), ...[...compared, ...alone].map(cellsOf)]
  const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  writeFileSync(
    PAGE,
    `<!-- Written by \`npm run bench\`. -->\n\n# Benchmarks\n\n${INTRODUCTION}\n\n${table}\n`,
  )
}

/** The names of results begin with their date, so that a later one replaces the values of those before it. */
function latestRows(): Dated[] {
  const latest = new Map<string, Dated>()
  for (const file of globSync('*.json', { cwd: RESULTS }).sort()) {
    const { machine, rows } = JSON.parse(readFileSync(join(RESULTS, file), 'utf8')) as Findings
    for (const row of rows) {
      latest.set(`${row.scenario} ${row.figure.name}`, { ...row, date: machine['date']!.slice(0, 10) })
    }
  }
  return [...latest.values()]
}

function cellsOf({ scenario, figure, ours, theirs, ratio, met, date }: Dated): string[] {
  const value = round(ours.median)
  return [
    scenario,
    `${figure.name}, ${figure.unit}`,
    met === false ? `**${value}**` : value,
    theirs ? round(theirs.median) : '',
    ratio ? round(ratio.median) : '',
    wanted(figure),
    date,
  ]
}

if (import.meta.main) writeAtAGlance()
