/** The end of a command that cannot do what it was asked to. */
import { oneLine } from './one-line.ts'

/** @param problems - one sentence each */
export function exitWith(problems: readonly string[]): never {
  process.stderr.write(problems.map((problem) => `flotilla: ${oneLine(problem)}\n`).join(''))
  process.exit(1)
}
