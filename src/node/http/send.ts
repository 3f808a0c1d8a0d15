/** Sends a response of the registry on Node's: head, then each part of the body the shortest way there is. */
import { open } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import type { Bytes } from '../../core/blobs/ports.ts'
import type { BodyPart, RegistryResponse } from '../../core/http/message.ts'
import type { Log } from '../../core/log.ts'
import { createHeldMemory } from '../../core/registry/held-memory.ts'
import { FileContent } from '../disk/file-content.ts'
import { free } from '../disk/free.ts'
import { PieceReader } from './shared-reads.ts'
import { writeTurn } from './write-turns.ts'

/** A response of the registry's, or one whose body comes from elsewhere in part. */
export interface SentResponse extends Omit<RegistryResponse, 'body'> {
  readonly body?: readonly (BodyPart | Bytes)[]
}

/** Answers that were made in memory, other than files: what all of them together may take, bytes. */
const MAX_MADE = 64 * 1024 * 1024

/** Bytes of an answer that does not count. */
const UNCOUNTED = 64 * 1024

const made = createHeldMemory(MAX_MADE)

/** Resolves when all is handed to the kernel. Fails where the content breaks off or the client has gone. */
export async function send(
  response: ServerResponse,
  { status, headers, body = [] }: SentResponse,
): Promise<void> {
  const isEarly = !response.req.complete
  if (isEarly) response.setHeader('Connection', 'close')
  response.writeHead(status, headers as Record<string, string | string[]>)
  const parts = response.req.method === 'HEAD' ? [] : body
  const [first] = parts
  if (!isEarly && parts.length === 1 && first instanceof Uint8Array && first.length <= UNCOUNTED)
    return void response.end(first)
  for (const part of parts) await sendPart(response, part)
  if (isEarly) await linger(response)
  response.end()
}

/** Ends a response that cannot be sent to its end. That the client has gone, or was cut, is no failure of ours. */
export function breakOff(response: ServerResponse, error: unknown, log: Log): void {
  const { req, destroyed } = response
  if (!destroyed && !req.socket.destroyed) log.error('response broke off', { target: req.url, err: error })
  response.destroy()
}

async function sendPart(response: ServerResponse, part: BodyPart | Bytes): Promise<void> {
  if (part instanceof Uint8Array) return sendMade(response, part)
  if (!('content' in part)) return sendChunks(response, part)
  const { content, range = { start: 0, end: content.size - 1 } } = part
  if (content instanceof FileContent) return sendFile(response, content.path, range.start, range.end + 1)
  return sendChunks(response, content.stream(part.range))
}

async function sendMade(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  if (bytes.length <= UNCOUNTED) return write(response, bytes)
  using holding = made.hold(() => response.destroy())
  holding.add(bytes.length)
  await write(response, bytes)
}

async function sendChunks(response: ServerResponse, chunks: Bytes): Promise<void> {
  for await (const chunk of chunks) {
    await sendMade(response, chunk)
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

/** While one piece is on its way to the kernel, the next is read. */
async function pump(
  response: ServerResponse,
  reader: PieceReader,
  start: number,
  end: number,
): Promise<void> {
  const written: [Promise<void>, Promise<void>] = [Promise.resolve(), Promise.resolve()]
  let turn: 0 | 1 = 0
  try {
    for (let position = start; position < end; turn = turn === 0 ? 1 : 0) {
      await written[turn]
      const { bytes, release } = await reader.take(position, end - position)
      position += bytes.length
      written[turn] = writeTurn(bytes.length)
        .then(() => write(response, bytes))
        .finally(release)
      written[turn].catch(() => {}) // awaited in its turn
    }
    await Promise.all(written)
  } finally {
    await Promise.allSettled(written)
  }
}

/** Resolves when the bytes may be overwritten. */
function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the client has gone'))
    if (response.destroyed) return gone()
    response.once('close', gone)
    response.write(bytes, (error) => {
      response.off('close', gone)
      if (error) reject(error)
      else resolve()
    })
  })
}

/** How long a client whose request was refused may go on sending before the connection is cut. */
const LINGER = 5_000

/**
 * Reads what the client still sends, after an answer that did not wait for it. Closing a connection with unread bytes
 * resets it, and the client may lose the answer (RFC 9112, section 9.6).
 */
async function linger(response: ServerResponse): Promise<void> {
  response.flushHeaders()
  response.req.resume()
  await finished(response.req, { signal: AbortSignal.timeout(LINGER) }).catch(() => {})
}
