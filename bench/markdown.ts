/** Results as rows of a Markdown table, for people; the JSON has every single run. */
import type { Machine } from './machine.ts'
import type { Row, Spread } from './summary.ts'

export interface Findings {
  readonly machine: Machine
  readonly rounds: number
  readonly rows: readonly Row[]
  /** What went wrong, by the scenario's name. */
  readonly failures: Readonly<Record<string, string>>
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

export function wanted({ ratio, limit, least, unit }: Row['figure']): string {
  if (limit !== undefined) return `≤ ${limit} ${unit}`
  if (least !== undefined) return `≥ ${least} ${unit}`
  return ratio === undefined ? '' : `≥ ${ratio} times`
}

const spread = ({ median, min, max }: Spread): string => `${round(median)} (${round(min)} – ${round(max)})`

/** Three significant digits. */
export function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
