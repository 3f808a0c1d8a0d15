/** Reads the head of a peer's response, more strictly than a client of strangers' servers could. */
import { type ByteRange, lengthOf } from '../../core/oci/range.ts'

export interface ResponseHead {
  /** Of the body, in bytes. */
  readonly length: number
  /** The connection serves for another request. */
  readonly keepAlive: boolean
}

/** A peer that answered, but with another status than 206. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number) {
    super(`the peer answered with status ${status}`)
    this.status = status
  }
}

/**
 * @param text - status line and headers, without the empty line
 * @param asked - the range that was asked for; the answer begins at its start and is as long or shorter
 * @throws Refusal; Error where it is not the head of such a response
 */
export function parseResponseHead(text: string, asked: ByteRange): ResponseHead {
  const [statusLine, ...lines] = text.split('\r\n')
  const status = /^HTTP\/1\.1 ([1-5]\d\d)(?: |$)/.exec(statusLine!)?.[1]
  if (!status) throw malformed('status line')
  if (status !== '206') throw new Refusal(Number(status))
  const headers = parseHeaders(lines)
  if (headers.has('transfer-encoding')) throw malformed('Transfer-Encoding')
  const length = parseLength(headers.get('content-length'), asked)
  checkRange(headers.get('content-range'), asked.start, length)
  return { length, keepAlive: headers.get('connection')?.toLowerCase() !== 'close' }
}

function parseHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):([^\r\n\0]*)$/.exec(line) ?? []
    if (name === undefined || headers.has(name.toLowerCase())) throw malformed('header')
    headers.set(name.toLowerCase(), value!.trim())
  }
  return headers
}

function parseLength(text: string | undefined, asked: ByteRange): number {
  const length = /^\d{1,15}$/.test(text ?? '') ? Number(text) : 0
  if (length < 1 || length > lengthOf(asked)) throw malformed('Content-Length')
  return length
}

function checkRange(text: string | undefined, start: number, length: number): void {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/\d{1,15}$/.exec(text ?? '')
  const isRight = match && Number(match[1]) === start && Number(match[2]) === start + length - 1
  if (!isRight) throw malformed('Content-Range')
}

const malformed = (part: string): Error => new Error(`the response of the peer has an unusable ${part}`)
