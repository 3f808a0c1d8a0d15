/** The log of the worker: the console of the developer tools. */
import type { Log } from '../../core/log.ts'

export const consoleLog: Log = {
  debug: () => {}, // would fill the console with what nobody asked for
  info: (message, fields = {}) => console.info(message, fields),
  warn: (message, fields = {}) => console.warn(message, fields),
  error: (message, { err, ...fields } = {}) => console.error(`${message}: ${textOf(err)}`, fields),
}

/** Tools that only keep the text of a line have the cause in it, too. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `, because of ${textOf(error.cause)}`
  return `${error.stack ?? error}${cause}`
}
