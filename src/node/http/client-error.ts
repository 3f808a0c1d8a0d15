/** Answers malformed HTTP as Node itself does, with the security headers of all responses. */
import type { Socket } from 'node:net'
import { SECURITY_HEADERS } from '../../core/http/security-headers.ts'

const STATUSES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

const HEADERS = Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}\r\n`)

/** A response that has begun is cut, because the client would take another one for a part of it. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const { _httpMessage: current } = socket as { _httpMessage?: { headersSent: boolean } }
  if (!socket.writable || current?.headersSent) return void socket.destroy(error)
  const status = STATUSES[error.code ?? ''] ?? '400 Bad Request'
  socket.write(`HTTP/1.1 ${status}\r\n${HEADERS.join('')}Connection: close\r\n\r\n`)
  socket.destroySoon()
}
