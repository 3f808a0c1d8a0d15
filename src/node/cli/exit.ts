/** The end of a command that cannot do what it was asked to. */

/** @param problems - one sentence each */
export function exitWith(problems: readonly string[]): never {
  process.stderr.write(problems.map((problem) => `flotilla: ${problem}\n`).join(''))
  process.exit(1)
}
