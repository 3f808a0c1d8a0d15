/** Reads what a server has sent on a connection, as strictly as a careful client would. */

export interface Answer {
  readonly status: number
  /** By lower-case name; of several lines, the last. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

const END_OF_HEAD = '\r\n\r\n'

/**
 * All answers in `received`, interim ones (1xx) left out.
 *
 * @throws Error where the bytes are no HTTP, or end within an answer
 */
export function parseAnswers(received: Buffer, method: string): Answer[] {
  const answers: Answer[] = []
  for (let rest = received; rest.length > 0; ) {
    const end = rest.indexOf(END_OF_HEAD)
    if (end < 0) throw new Error(`no HTTP: ${rest.toString('latin1', 0, 200)}`)
    const { status, headers } = parseHead(rest.toString('latin1', 0, end))
    rest = rest.subarray(end + END_OF_HEAD.length)
    if (status < 200) continue
    const hasBody = method !== 'HEAD' && status !== 204 && status !== 304
    const [body, length] = hasBody ? readBody(rest, headers) : [Buffer.alloc(0), 0]
    answers.push({ status, headers, body })
    rest = rest.subarray(length)
  }
  return answers
}

function parseHead(head: string): { status: number; headers: Map<string, string> } {
  const [statusLine, ...lines] = head.split('\r\n') as [string, ...string[]]
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(statusLine)?.[1]
  if (!status) throw new Error(`no status line: ${statusLine}`)
  const headers = lines.map((line): [string, string] => {
    const match = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line)
    if (!match) throw new Error(`no header: ${line}`)
    return [match[1]!.toLowerCase(), match[2]!]
  })
  return { status: Number(status), headers: new Map(headers) }
}

/** Gives the body and how many bytes it took on the wire. */
function readBody(rest: Buffer, headers: ReadonlyMap<string, string>): [body: Buffer, length: number] {
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(rest)
  const length = Number(headers.get('content-length') ?? rest.length)
  if (rest.length < length) throw new Error(`body ends after ${rest.length} of ${length} bytes`)
  return [rest.subarray(0, length), length]
}

function readChunks(rest: Buffer): [body: Buffer, length: number] {
  const chunks: Buffer[] = []
  for (let position = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', position)
    if (lineEnd < 0) throw new Error('chunks end too early')
    const size = Number.parseInt(rest.toString('latin1', position, lineEnd), 16)
    const start = lineEnd + 2
    position = start + size + 2
    if (size === 0) return [Buffer.concat(chunks), position]
    chunks.push(rest.subarray(start, start + size))
  }
}
