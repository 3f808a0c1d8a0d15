/** What is wrong with a configuration: all of it at once, so that it can be mended at once. */

/** By the key, as `pathText` writes it; `undefined` for what nobody has set. */
export type PlaceOf = (key: string) => string | undefined

export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  /** One sentence each, which begins with the key, the variable or the file. */
  readonly problems: readonly string[]
  /** The problems, each with the place where it was made, for people. */
  readonly lines: readonly string[]

  constructor(problems: readonly string[], placeOf: PlaceOf = () => undefined) {
    super(problems.join('\n'))
    this.problems = problems
    this.lines = problems.map((problem) => {
      const place = placeOf(problem.split(': ', 1)[0]!)
      return place === undefined ? problem : `${problem} (${place})`
    })
  }
}
