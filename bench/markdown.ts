/**
 * The results as a Markdown table, for people; the JSON beside it has every single run.
 */
import type { Machine } from './machine.ts'
import type { Row, Spread } from './summary.ts'

const HEADER = [
  '| scenario | figure | Flotilla | docker-registry | times better | wanted | met |',
  '|---|---|---|---|---|---|---|',
]

export interface Findings {
  readonly machine: Machine
  readonly rounds: number
  readonly rows: readonly Row[]
  /** What went wrong, by the scenario's name. */
  readonly failures: Readonly<Record<string, string>>
}

export function markdown({ machine, rounds, rows, failures }: Findings): string {
  const facts = Object.entries(machine).map(([name, value]) => `- ${name}: ${value}`)
  const failed = Object.entries(failures).map(([name, message]) => `- **${name} failed**: ${message}`)
  const preface = `Medians of ${rounds} interleaved rounds, with (lowest – highest). How to read it: ../README.md`
  return [
    `# Benchmark of ${machine.date}`,
    '',
    preface,
    '',
    ...facts,
    ...failed,
    '',
    ...HEADER,
    ...rows.map(tableRow),
    '',
  ].join('\n')
}

export function tableRow({ scenario, figure, ours, theirs, ratio, met }: Row): string {
  const cells = [
    scenario,
    `${figure.name}, ${figure.unit}`,
    spread(ours),
    theirs ? spread(theirs) : '',
    ratio ? `**${round(ratio.median)}** (${round(ratio.min)} – ${round(ratio.max)})` : '',
    wanted(figure),
    met === undefined ? '' : met ? 'yes' : '**no**',
  ]
  return `| ${cells.join(' | ')} |`
}

function wanted({ ratio, limit, least, unit }: Row['figure']): string {
  if (limit !== undefined) return `≤ ${limit} ${unit}`
  if (least !== undefined) return `≥ ${least} ${unit}`
  return ratio === undefined ? '' : `≥ ${ratio} times`
}

const spread = ({ median, min, max }: Spread): string => `${round(median)} (${round(min)} – ${round(max)})`

/** Three significant digits. */
export function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
