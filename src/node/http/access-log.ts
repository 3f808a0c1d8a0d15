/** The access log: a line for each request on standard output, in Apache's combined format as Distribution's is. */
import type { IncomingMessage, ServerResponse } from 'node:http'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** @see https://httpd.apache.org/docs/current/logs.html#combined */
export function accessLogLine(request: IncomingMessage, response: ServerResponse, address: string): string {
  const { method, url, httpVersion, headers } = request
  const length = response.getHeader('content-length') ?? '-'
  const [referer, agent] = [headers.referer, headers['user-agent']].map((value) => escaped(value ?? '-'))
  const line = escaped(`${method} ${url} HTTP/${httpVersion}`)
  return `${address} - - [${timestamp(new Date())}] "${line}" ${response.statusCode} ${length} "${referer}" "${agent}"\n`
}

function timestamp(time: Date): string {
  const [date, clock] = time.toISOString().slice(0, 19).split('T') as [string, string]
  const [year, month, day] = date.split('-')
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${clock} +0000`
}

/** Nobody writes lines of his own into the log. */
const escaped = (text: string): string =>
  text.replace(/["\\\p{Cc}]/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
