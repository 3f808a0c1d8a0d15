/** What is wrong with a configuration: all of it at once, so that it can be mended at once. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  /** One sentence each, which begins with the key, the variable or the file. */
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}
