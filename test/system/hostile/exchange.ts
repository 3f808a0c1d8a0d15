/** Sends bytes to a server as they are and collects what comes back. */
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, parseAnswers } from './answer.ts'
import type { Request } from './row.ts'

/** Between pieces, and before a client leaves that expects nothing more. */
const PAUSE = 50

/** A server that neither answers nor closes for so long has failed. */
const PATIENCE = 20_000

/**
 * Sends `pieces` and gives all that was received until the server closed, or the client did.
 *
 * @param leaving - when the client goes, if it does not wait for the server
 */
export async function exchange(
  port: number,
  pieces: readonly (string | Uint8Array)[],
  leaving?: 'soon' | 'when answered',
): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1')
  const received: Buffer[] = []
  const answered = Promise.withResolvers<void>()
  socket.on('data', (bytes) => {
    received.push(bytes)
    if (leaving === 'when answered' && wholeAnswers(received)?.length) answered.resolve()
  })
  socket.on('error', () => {}) // a server may cut the connection while we still send
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.setTimeout(PATIENCE, () => socket.destroy())
  await write(socket, pieces)
  if (leaving === 'when answered') await Promise.race([closed, answered.promise])
  if (leaving) await Promise.race([closed, delay(PAUSE)])
  if (!leaving || !wholeAnswers(received)) await closed
  socket.destroy()
  return Buffer.concat(received)
}

/** `undefined` while one of them is under way. */
function wholeAnswers(received: readonly Buffer[]): Answer[] | undefined {
  try {
    return parseAnswers(Buffer.concat(received), 'GET')
  } catch {
    return undefined
  }
}

async function write(socket: Socket, pieces: readonly (string | Uint8Array)[]): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await delay(PAUSE)
    if (socket.writable) socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
  }
}

/** The bytes of a request whose answer ends the connection. */
export function serialize({ method = 'GET', target, headers = [], body = '' }: Request): Buffer {
  const content = Buffer.from(typeof body === 'function' ? body() : body)
  const has = (pattern: RegExp) => headers.some((line) => pattern.test(line))
  const lines = [`${method} ${target} HTTP/1.1`, ...headers, 'Connection: close']
  if (!has(/^host:/i)) lines.push('Host: localhost:5000')
  if (!has(/^(content-length|transfer-encoding):/i)) lines.push(`Content-Length: ${content.length}`)
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content])
}
