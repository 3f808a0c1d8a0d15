/** All problems of a configuration at once, so that they can be fixed at once. */

/** Where a key (as `pathText` writes it) was set; `undefined` if nobody has set it. */
export type SourceOf = (key: string) => string | undefined

export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  /** One sentence each, beginning with the key, the variable or the file. */
  readonly problems: readonly string[]
  /** The problems, each with where it was set, for people. */
  readonly lines: readonly string[]

  constructor(problems: readonly string[], sourceOf: SourceOf = () => undefined) {
    super(problems.join('\n'))
    this.problems = problems
    this.lines = problems.map((problem) => {
      const source = sourceOf(problem.split(': ', 1)[0]!)
      return source === undefined ? problem : `${problem} (${source})`
    })
  }
}
