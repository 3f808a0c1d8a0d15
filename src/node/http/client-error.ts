/** Answers what is no HTTP as Node itself does, and inert like all answers. */
import type { Socket } from 'node:net'
import { INERT } from '../../core/http/inert.ts'

const STATUSES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

const HEADERS = Object.entries(INERT).map(([name, value]) => `${name}: ${value}\r\n`)

/** An answer that is under way is cut, as another behind it would be taken for a part of it. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const { _httpMessage: current } = socket as { _httpMessage?: { headersSent: boolean } }
  if (!socket.writable || current?.headersSent) return void socket.destroy(error)
  const status = STATUSES[error.code ?? ''] ?? '400 Bad Request'
  socket.write(`HTTP/1.1 ${status}\r\n${HEADERS.join('')}Connection: close\r\n\r\n`)
  socket.destroySoon()
}
