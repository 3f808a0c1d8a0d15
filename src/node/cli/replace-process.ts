/**
 * An end of the process with code 0, while native threads run that cannot be stopped without danger. `process.exit` runs
 * the destructors of C++, which take locks and objects from under those threads, and one of them may abort the process.
 * The kernel ends them without a word where another program takes the place of this one: Node, as it is there wherever a
 * registry runs.
 */
export function replaceProcess(): never {
  const { NODE_OPTIONS: _, ...environment } = process.env
  process.execve?.(process.execPath, [process.execPath, '--eval', '0'], environment)
  process.exit(0) // Windows cannot
}
