/** Servers that aren't working registries, each of which responds to any request in its own way. */
import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'

export interface Strange extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string
}

const answer =
  (status: number, headers: Record<string, string>, body = ''): RequestListener =>
  (_, response) =>
    response.writeHead(status, { Connection: 'close', ...headers }).end(body)

const HTML = { 'Content-Type': 'text/html; charset=utf-8' }
const JSON_TYPE = { 'Content-Type': 'application/json' }
const refusal = (code: string, message: string) => JSON.stringify({ errors: [{ code, message }] })

const HTTP = {
  'a web site': answer(200, HTML, '<h1>Welcome</h1>'),
  'a log-in page': (request, response) =>
    request.url === '/login'
      ? answer(200, HTML, '<form>')(request, response)
      : answer(302, { Location: '/login' })(request, response),
  'an API that is always pleased': answer(200, JSON_TYPE, '{}'),
  'one that answers with nothing': answer(200, {}),
  'one that asks who it is': answer(
    401,
    { ...JSON_TYPE, 'WWW-Authenticate': 'Basic' },
    refusal('UNAUTHORIZED', 'authentication required'),
  ),
  'one that refuses': answer(403, JSON_TYPE, refusal('DENIED', 'requested access to the resource is denied')),
  'one that fails': answer(500, { 'Content-Type': 'text/plain' }, 'Oops'),
  'a proxy without its server': answer(502, HTML, '<h1>502 Bad Gateway</h1>'),
  'one that redirects without end': answer(307, { Location: '/again' }),
  'one that commands the terminal': answer(
    500,
    JSON_TYPE,
    refusal('UNKNOWN', 'first\n\u001b[2J\u001b]0;owned\u0007second\u202e'),
  ),
  'one that is cut off': (_, response) => {
    response.writeHead(200, { ...JSON_TYPE, 'Content-Length': '1000' })
    response.write('{"id": "half", ', () => response.destroy())
  },
} as const satisfies Record<string, RequestListener>

export type Kind = keyof typeof HTTP | 'no HTTP at all' | 'one that hangs up'

export async function openStrange(kind: Kind): Promise<Strange> {
  const server = kind in HTTP ? createHttpServer(HTTP[kind as keyof typeof HTTP]) : createServer(mute(kind))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close()
    },
  }
}

const mute =
  (kind: Kind) =>
  (socket: Socket): void => {
    socket.on('error', () => {})
    if (kind === 'one that hangs up') socket.once('data', () => socket.destroy())
    else socket.end('220 mail.example ESMTP\r\n')
  }
