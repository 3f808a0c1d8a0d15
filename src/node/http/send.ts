/** Sends a response by Node's: the head, then each part of the body in its fastest way. */
import { open } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import type { Bytes } from '../../core/blobs/ports.ts'
import { createMemoryBudget } from '../../core/http/memory-budget.ts'
import type { BodyPart, RegistryResponse } from '../../core/http/message.ts'
import type { Log } from '../../core/log.ts'
import { FileContent } from '../disk/file-content.ts'
import { free } from '../disk/io.ts'
import { PieceReader } from './shared-reads.ts'
import { paceWrite } from './write-pacing.ts'

/** A response whose body may also contain streams. */
export interface SentResponse extends Omit<RegistryResponse, 'body'> {
  readonly body?: readonly (BodyPart | Bytes)[]
}

/** Of all responses that are in memory, other than files. */
const MAX_IN_MEMORY_BYTES = 64 * 1024 * 1024

/** Smaller responses are not counted. */
const UNCOUNTED_BYTES = 64 * 1024

const memory = createMemoryBudget(MAX_IN_MEMORY_BYTES)

/** Resolves when everything was handed to the kernel. Rejects if the content breaks off or the client disconnects. */
export async function send(
  response: ServerResponse,
  { status, headers, body = [] }: SentResponse,
): Promise<void> {
  const isEarly = !response.req.complete
  if (isEarly) response.setHeader('Connection', 'close')
  response.writeHead(status, headers as Record<string, string | string[]>)
  const parts = response.req.method === 'HEAD' ? [] : body
  const [first] = parts
  if (!isEarly && parts.length === 1 && first instanceof Uint8Array && first.length <= UNCOUNTED_BYTES)
    return void response.end(first)
  for (const part of parts) await sendPart(response, part)
  if (isEarly) await linger(response)
  response.end()
}

/** Ends a response that cannot be completed. That the client has disconnected, or was cut, is not logged as an error. */
export function abortResponse(response: ServerResponse, error: unknown, log: Log): void {
  const { req, destroyed } = response
  if (!destroyed && !req.socket.destroyed) log.error('response broke off', { target: req.url, err: error })
  response.destroy()
}

async function sendPart(response: ServerResponse, part: BodyPart | Bytes): Promise<void> {
  if (part instanceof Uint8Array) return sendBytes(response, part)
  if (!('content' in part)) return sendChunks(response, part)
  const { content, range = { start: 0, end: content.size - 1 } } = part
  if (content instanceof FileContent) return sendFile(response, content.path, range.start, range.end + 1)
  return sendChunks(response, content.stream(part.range))
}

async function sendBytes(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  if (bytes.length <= UNCOUNTED_BYTES) return write(response, bytes)
  using reservation = memory.reserve(() => response.destroy())
  reservation.grow(bytes.length)
  await write(response, bytes)
}

async function sendChunks(response: ServerResponse, chunks: Bytes): Promise<void> {
  for await (const chunk of chunks) {
    await sendBytes(response, chunk)
    free(chunk)
  }
}

async function sendFile(response: ServerResponse, path: string, start: number, end: number): Promise<void> {
  const file = await open(path)
  try {
    using reader = new PieceReader(path, file)
    await pump(response, reader, start, end)
  } finally {
    await file.close()
  }
}

/** Reads the next piece while the previous one is written. */
async function pump(
  response: ServerResponse,
  reader: PieceReader,
  start: number,
  end: number,
): Promise<void> {
  const written: [Promise<void>, Promise<void>] = [Promise.resolve(), Promise.resolve()]
  let index: 0 | 1 = 0
  try {
    for (let position = start; position < end; index = index === 0 ? 1 : 0) {
      await written[index]
      const { bytes, release } = await reader.take(position, end - position)
      position += bytes.length
      written[index] = paceWrite(bytes.length)
        .then(() => write(response, bytes))
        .finally(release)
      written[index].catch(() => {}) // awaited above
    }
    await Promise.all(written)
  } finally {
    await Promise.allSettled(written)
  }
}

/** Resolves when the buffer may be reused. */
function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the client has disconnected'))
    if (response.destroyed) return gone()
    response.once('close', gone)
    response.write(bytes, (error) => {
      response.off('close', gone)
      if (error) reject(error)
      else resolve()
    })
  })
}

/** For which a client whose request was refused may go on sending before the connection is cut. */
const LINGER_MS = 5_000

/**
 * Reads what the client still sends after a response that did not wait for it. Closing a connection with unread bytes resets
 * it, and the client may lose the response (RFC 9112, section 9.6).
 */
async function linger(response: ServerResponse): Promise<void> {
  response.flushHeaders()
  response.req.resume()
  await finished(response.req, { signal: AbortSignal.timeout(LINGER_MS) }).catch(() => {})
}
