/** The access log: a line for each request on standard output, in Apache's combined format, as in Distribution. */
import type { IncomingMessage } from 'node:http'
import { destination } from 'pino'
import type { RegistryResponse } from '../../core/http/message.ts'

export interface AccessLog {
  write(request: IncomingMessage, response: RegistryResponse): void
  /** Flushes the remaining lines. */
  close(): void
}

/** Lines are buffered during a write, so a slow reader of the log does not delay requests. */
export function openAccessLog(): AccessLog {
  const lines = destination({ dest: 1, sync: false })
  lines.on('error', () => {}) // nobody reads the log, or its disk is full: requests are answered all the same
  return {
    write: (request, response) => void lines.write(combinedLine(request, response)),
    close: () => lines.flushSync(),
  }
}

/** @see https://httpd.apache.org/docs/current/logs.html#combined */
function combinedLine(request: IncomingMessage, { status, headers: answer }: RegistryResponse): string {
  const { method, url, httpVersion, headers, socket } = request
  const length = answer['Content-Length'] ?? '-'
  const [referer, agent] = [headers.referer, headers['user-agent']].map((value) => escaped(value ?? '-'))
  const line = escaped(`${method} ${url} HTTP/${httpVersion}`)
  const from = socket.remoteAddress ?? '-'
  return `${from} - - [${timestamp(new Date())}] "${line}" ${status} ${length} "${referer}" "${agent}"\n`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function timestamp(time: Date): string {
  const [date, clock] = time.toISOString().slice(0, 19).split('T') as [string, string]
  const [year, month, day] = date.split('-')
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${clock} +0000`
}

/** So that no client can write lines of its own into the log. */
const escaped = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern replaces control characters
  text.replace(/["\\\u0000-\u001f\u007f-\u009f]/g, hexEscape)

const hexEscape = (character: string): string => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
