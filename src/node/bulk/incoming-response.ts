/**
 * Parses a response while it arrives: the head, then the body in buffers of one leaf each, which TLS decrypts straight into.
 * It is stricter than a client for arbitrary servers could be.
 */
import { LEAF_SIZE } from '../../core/leaf.ts'
import { type ByteRange, lengthOf } from '../../core/oci/range.ts'

export class IncomingResponse {
  /** The connection can be used for another request. */
  keepAlive = false
  readonly #requested: ByteRange
  /** The buffer that is being filled: first the head, then one leaf after the other. */
  #buffer: Uint8Array
  #filled = 0
  /** Bytes of the body without a buffer yet; `undefined` before the head is complete. */
  #left: number | undefined
  readonly #leaves: Uint8Array[] = []
  #failure: Error | undefined
  #wake = (): void => {}

  /** @param head - buffer that the head must fit into */
  constructor(requested: ByteRange, head: Uint8Array) {
    this.#requested = requested
    this.#buffer = head
  }

  /** Where to put the next bytes. Empty when the body is complete. */
  get space(): Uint8Array {
    return this.#buffer.subarray(this.#filled)
  }

  /** The body has arrived, but may not have been read. */
  get isComplete(): boolean {
    return this.#left === 0 && this.#buffer.length === 0
  }

  /** Number of leaves that have arrived but not been read. */
  get unread(): number {
    return this.#leaves.length
  }

  /**
   * Takes the first `length` bytes of {@link space}.
   *
   * @throws Error if the response is invalid
   */
  take(length: number): void {
    this.#filled += length
    if (this.#left === undefined) this.#readHead()
    else if (this.#filled === this.#buffer.length) this.#finishLeaf()
  }

  fail(error: Error): void {
    this.#failure ??= error
    this.#wake()
  }

  /** The next leaf, which then belongs to the caller; `undefined` after the last. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const leaf = this.#leaves.shift()
      if (leaf || this.isComplete) return leaf
      if (this.#failure) throw this.#failure
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #readHead(): void {
    const bytes = Buffer.from(this.#buffer.buffer, this.#buffer.byteOffset, this.#filled)
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0) {
      if (this.#filled === this.#buffer.length) throw new Error("the head of the peer's response is too long")
      return
    }
    const { length, keepAlive } = parseResponseHead(bytes.toString('latin1', 0, end), this.#requested)
    this.keepAlive = keepAlive
    this.#left = length
    this.#startLeaf()
    this.#copy(bytes.subarray(end + 4))
  }

  /** The beginning of the body, which arrived together with the head. */
  #copy(bytes: Uint8Array): void {
    for (let rest = bytes; rest.length > 0; ) {
      const chunk = rest.subarray(0, this.space.length)
      if (chunk.length === 0) throw new Error('the peer sends more than was requested')
      this.space.set(chunk)
      this.take(chunk.length)
      rest = rest.subarray(chunk.length)
    }
  }

  /** Each leaf has its own, uncleared memory, which the reader may free. Empty after the last. */
  #startLeaf(): void {
    const length = Math.min(LEAF_SIZE, this.#left!)
    this.#left! -= length
    this.#buffer = Buffer.allocUnsafeSlow(length)
    this.#filled = 0
  }

  #finishLeaf(): void {
    this.#leaves.push(this.#buffer)
    this.#startLeaf()
    this.#wake()
  }
}

export interface ResponseHead {
  /** Bytes of the body. */
  readonly length: number
  /** The connection can be used for another request. */
  readonly keepAlive: boolean
}

/** The peer responded with another status than 206. */
export class StatusError extends Error {
  readonly status: number

  constructor(status: number) {
    super(`the peer responded with status ${status}`)
    this.status = status
  }
}

/**
 * @param text - status line and headers, without the empty line
 * @param requested - the response must begin at its start and not be longer
 * @throws StatusError; Error if the head is invalid
 */
export function parseResponseHead(text: string, requested: ByteRange): ResponseHead {
  const [statusLine, ...lines] = text.split('\r\n')
  const status = /^HTTP\/1\.1 ([1-5]\d\d)(?: |$)/.exec(statusLine!)?.[1]
  if (!status) throw malformed('status line')
  if (status !== '206') throw new StatusError(Number(status))
  const headers = parseHeaders(lines)
  if (headers.has('transfer-encoding')) throw malformed('Transfer-Encoding')
  const length = parseLength(headers.get('content-length'), requested)
  checkRange(headers.get('content-range'), requested.start, length)
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

function parseLength(text: string | undefined, requested: ByteRange): number {
  const length = /^\d{1,15}$/.test(text ?? '') ? Number(text) : 0
  if (length < 1 || length > lengthOf(requested)) throw malformed('Content-Length')
  return length
}

function checkRange(text: string | undefined, start: number, length: number): void {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/\d{1,15}$/.exec(text ?? '')
  const isRight = match && Number(match[1]) === start && Number(match[2]) === start + length - 1
  if (!isRight) throw malformed('Content-Range')
}

const malformed = (part: string): Error => new Error(`the response of the peer has an invalid ${part}`)
