/**
 * The log of a running registry: structured lines on standard error, as with Distribution. The `json` and `logstash`
 * formatters use Distribution's field names, so that tools for its logs work here.
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

/** Every line is written to `destination` before the call returns, so that none is lost when the process ends. */
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
 * An error of the operating system, such as a full disk or a used port, is logged as one line, because it isn't a bug.
 * Everything else is logged with its stack.
 */
function describe(error: unknown): unknown {
  const messages: string[] = []
  for (let next = error; next instanceof Error; next = next.cause) {
    messages.push(next.message)
    if ('syscall' in next && 'errno' in next) return messages.join(': ')
  }
  return error instanceof Error ? stdSerializers.err(error) : error
}

/** Formats lines for people. The formatter is only loaded if it is used. */
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
