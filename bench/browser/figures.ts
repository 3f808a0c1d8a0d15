/** The kinds of figures that the scenarios in a browser give. */
import type { Figure } from '../scenario.ts'

export const speed = (name: string, least?: number): Figure => ({
  name,
  unit: 'MB/s',
  better: 'more',
  ...(least !== undefined && { least }),
})

export const times = (name: string, least?: number): Figure => ({ ...speed(name, least), unit: 'times' })

const cost =
  (unit: string) =>
  (name: string, limit?: number): Figure => ({
    name,
    unit,
    better: 'less',
    ...(limit !== undefined && { limit }),
  })

export const milliseconds = cost('ms')
export const mebibytes = cost('MiB')
export const kibibytes = cost('KiB')
export const part = cost('times')
