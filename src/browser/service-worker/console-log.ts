/** The log of the worker: the console of the developer tools. */
import type { Log } from '../../core/log.ts'

export const consoleLog: Log = {
  debug: () => {}, // would fill the console with what nobody asked for
  info: (message, fields = {}) => console.info(message, fields),
  warn: (message, fields = {}) => console.warn(message, fields),
  error: (message, fields = {}) => console.error(message, fields),
}
