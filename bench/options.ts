/**
 * The benchmark's command line.
 */
import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

export const USAGE = `npm run bench -- [options] [scenario...]

Measures Flotilla beside Debian's docker-registry and writes bench/results/ and docs/benchmarks.md.

  --rounds N   rounds of each scenario (5)
  --quick      small sizes, a check that all works: prints, writes no results
  --bundle     start dist/flotilla.js, as users do, in place of the sources
  --dir DIR    the disk to measure on (the system's folder for temporary files)
  --help`

export interface Options {
  readonly names: readonly string[]
  readonly rounds: number
  readonly quick: boolean
  readonly bundle: boolean
  readonly dir: string
  readonly help: boolean
}

/** @throws Error that says which argument is wrong */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      quick: { type: 'boolean', default: false },
      bundle: { type: 'boolean', default: false },
      dir: { type: 'string', default: tmpdir() },
      help: { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds: not a number of rounds: ${values.rounds}`)
  const stranger = positionals.find((name) => !known.includes(name))
  if (stranger) throw new Error(`no scenario ${stranger}; there are: ${known.join(', ')}`)
  return { ...values, rounds, names: positionals.length > 0 ? positionals : known }
}
