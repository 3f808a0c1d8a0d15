/**
 * From the runs of a scenario to the rows of the table: medians, ranges, and the ratio of each round.
 */
import { median } from './median.ts'
import type { Rounds } from './rounds.ts'
import type { Figure, Scenario, Values } from './scenario.ts'

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface Row {
  readonly scenario: string
  readonly figure: Figure
  readonly ours: Spread
  readonly theirs?: Spread
  /** How many times better ours is, of the two runs of each round. */
  readonly ratio?: Spread
  /** Absent where nothing is asked of the figure. */
  readonly met?: boolean
}

export function summarise(scenario: Scenario, { ours, theirs }: Rounds): Row[] {
  return scenario.figures.map((figure) => {
    const mine = ours.map((values) => figureOf(values, figure))
    const other = theirs.map((values) => figureOf(values, figure))
    const row = { scenario: scenario.title, figure, ours: spreadOf(mine) }
    if (other.length === 0) return judged(row)
    const ratios = mine.map((value, round) => ratioOf(figure, value, other[round]!))
    return judged({ ...row, theirs: spreadOf(other), ratio: spreadOf(ratios) })
  })
}

function judged(row: Row): Row {
  const { ratio, limit, least } = row.figure
  if (limit !== undefined) return { ...row, met: row.ours.median <= limit }
  if (least !== undefined) return { ...row, met: row.ours.median >= least }
  if (ratio !== undefined && row.ratio) return { ...row, met: row.ratio.median >= ratio }
  return row
}

/** Above 1 where ours is the better one, whichever way the figure counts. */
function ratioOf(figure: Figure, ours: number, theirs: number): number {
  return figure.better === 'more' ? ours / theirs : theirs / ours
}

function figureOf(values: Values, figure: Figure): number {
  const value = values[figure.name]
  if (value === undefined || !Number.isFinite(value)) throw new Error(`no value for ${figure.name}`)
  return value
}

function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}
