/**
 * The least of HTTP/1.1 that tells where a response ends. The client shares the machine with the server it
 * measures, so it keeps no body and parses no header that it is not asked for.
 */

export interface Answer {
  readonly status: number
  /** Status line and headers as they came. */
  readonly head: string
  /** Body bytes received; with chunked coding, its framing included. */
  readonly received: number
}

const HEAD_END = '\r\n\r\n'
const CHUNKED_END = '0\r\n\r\n'
/** A head is looked for in this much of one read, so that a read full of body is never made a string. */
const HEAD_LIMIT = 16 * 1024

export class ResponseParser {
  readonly #bodyless: boolean
  #head = ''
  #headDone = false
  #length: number | undefined
  #received = 0
  #tail = ''

  /** `bodyless`: the request was a HEAD. */
  constructor(bodyless: boolean) {
    this.#bodyless = bodyless
  }

  /** The answer, once `bytes` complete it. */
  take(bytes: Buffer): Answer | undefined {
    if (this.#headDone) this.#takeBody(bytes)
    else this.#takeHead(bytes)
    return this.#isComplete() ? this.#answer() : undefined
  }

  #takeHead(bytes: Buffer): void {
    const before = this.#head.length
    this.#head += bytes.toString('latin1', 0, HEAD_LIMIT)
    const end = this.#head.indexOf(HEAD_END)
    if (end < 0) return
    this.#head = this.#head.slice(0, end)
    this.#headDone = true
    this.#length = this.#bodyless ? 0 : bodyLength(this.#head)
    this.#takeBody(bytes.subarray(end + HEAD_END.length - before))
  }

  #takeBody(bytes: Buffer): void {
    this.#received += bytes.length
    if (this.#length !== undefined) return
    const last = bytes.toString('latin1', Math.max(0, bytes.length - CHUNKED_END.length))
    this.#tail = (this.#tail + last).slice(-CHUNKED_END.length)
  }

  #isComplete(): boolean {
    if (!this.#headDone) return false
    return this.#length === undefined ? this.#tail === CHUNKED_END : this.#received >= this.#length
  }

  #answer(): Answer {
    return { status: Number(this.#head.slice(9, 12)), head: this.#head, received: this.#received }
  }
}

export function headerOf(answer: Answer, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*)$`, 'im').exec(answer.head)?.[1]?.trim()
}

/** `undefined` where the end is told by chunked coding. */
function bodyLength(head: string): number | undefined {
  const length = /^content-length: *(\d+)/im.exec(head)?.[1]
  if (length !== undefined) return Number(length)
  return /^transfer-encoding: *chunked/im.test(head) ? undefined : 0
}
