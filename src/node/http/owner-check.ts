/**
 * Who the owner is: a program on this machine that can read the token in the data folder, and never a web page. Neither
 * is enough alone, because a reverse proxy also runs on this machine, and a token may leak.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIPv4 } from 'node:net'
import { RegistryError } from '../../core/oci/error.ts'

/**
 * @param token - `undefined` refuses everybody
 * @returns throws RegistryError DENIED or UNAUTHORIZED for a request that is not the owner's
 */
export function createOwnerCheck(token: string | undefined): (request: IncomingMessage) => void {
  const hasToken = token === undefined ? () => false : createBearerCheck(token)
  return (request) => {
    if (!isLocal(request)) throw new RegistryError('DENIED', 'only for programs on this machine')
    if (hasToken(request.headers.authorization)) return
    if (token === undefined)
      throw new RegistryError('DENIED', 'a registry in memory does not answer its owner: it has no token')
    throw new RegistryError(
      'UNAUTHORIZED',
      'only for the owner: the token is in owner.json of the data folder',
      { headers: { 'WWW-Authenticate': 'Bearer realm="owner"' } },
    )
  }
}

/** Whether an `Authorization` header carries the bearer token (RFC 6750), in constant time. */
function createBearerCheck(token: string): (authorization: string | undefined) => boolean {
  const expected = hashOf(token)
  return (authorization = '') => {
    const given = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1]
    return given !== undefined && timingSafeEqual(hashOf(given), expected)
  }
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Headers that browsers send for pages, and proxies for their clients. */
const OF_OTHERS = /^(?:origin|referer|sec-fetch-site|sec-fetch-dest|forwarded|x-forwarded-.*|x-real-ip|via)$/

/** `Host` too must be loopback: a name that was rebound to this machine (DNS rebinding) is in it. */
function isLocal({ socket, headers }: IncomingMessage): boolean {
  if (Object.keys(headers).some((name) => OF_OTHERS.test(name))) return false
  return isLoopback(socket.remoteAddress ?? '') && isLoopback(nameOf(headers.host ?? ''))
}

const nameOf = (host: string): string => host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')

function isLoopback(name: string): boolean {
  const address = name.replace(/^::ffff:/i, '')
  return address === 'localhost' || address === '::1' || (isIPv4(address) && address.startsWith('127.'))
}
