/**
 * The log of a running registry: structured lines on standard error, where Distribution writes them too. The field
 * names of the `json` and `logstash` formatters are those of Distribution, so that what reads its logs reads ours.
 */
import { type DestinationStream, type LoggerOptions, pino } from 'pino'
import type { Config } from '../core/config.ts'
import type { Log } from '../core/log.ts'

const JSON_LINES: LoggerOptions = {
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  messageKey: 'msg',
}

const FORMATS: Readonly<Record<Config['log']['formatter'], LoggerOptions>> = {
  text: JSON_LINES,
  json: JSON_LINES,
  logstash: {
    timestamp: () => `,"@timestamp":"${new Date().toISOString()}","@version":1`,
    messageKey: 'message',
  },
}

/** Every line is handed to `destination` before the call returns, so that none is lost when the process ends. */
export async function createLog(
  { formatter, level, fields }: Config['log'],
  destination: DestinationStream & { readonly isTTY?: boolean } = process.stderr,
): Promise<Log> {
  const options: LoggerOptions = {
    ...FORMATS[formatter],
    level,
    base: fields,
    formatters: { level: (label) => ({ level: label }) },
  }
  const logger = pino(options, formatter === 'text' ? await readable(destination) : destination)
  return {
    debug: (message, details) => logger.debug(details, message),
    info: (message, details) => logger.info(details, message),
    warn: (message, details) => logger.warn(details, message),
    error: (message, details) => logger.error(details, message),
  }
}

/** Lines for people; loaded only for them. */
async function readable(destination: DestinationStream & { readonly isTTY?: boolean }) {
  const { prettyFactory } = await import('pino-pretty')
  const pretty = prettyFactory({
    colorize: destination.isTTY ?? false,
    messageKey: 'msg',
    singleLine: true,
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
  })
  return { write: (line: string) => destination.write(pretty(line)) }
}
