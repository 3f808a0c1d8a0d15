/**
 * The log of a running registry: structured lines on standard error, where Distribution writes them too. The field
 * names of the `json` and `logstash` formatters are those of Distribution, so that what reads its logs reads ours.
 */
import { type DestinationStream, type LoggerOptions, pino, stdSerializers } from 'pino'
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
    serializers: { err: describe },
  }
  const logger = pino(options, formatter === 'text' ? await readable(destination) : destination)
  return {
    debug: (message, details) => logger.debug(details, message),
    info: (message, details) => logger.info(details, message),
    warn: (message, details) => logger.warn(details, message),
    error: (message, details) => logger.error(details, message),
  }
}

/**
 * What the operating system refuses is told in a line, as it is no mistake of the code: a full disk, a port that is
 * taken. Everything else comes with its stack.
 */
function describe(error: unknown): unknown {
  const messages: string[] = []
  for (let next = error; next instanceof Error; next = next.cause) {
    messages.push(next.message)
    if ('syscall' in next && 'errno' in next) return messages.join(': ')
  }
  return error instanceof Error ? stdSerializers.err(error) : error
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
