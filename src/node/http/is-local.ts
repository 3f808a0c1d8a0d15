/** Who is a program on this machine: what tells of the registry itself is for those alone. */
import type { IncomingMessage } from 'node:http'
import { isIPv4 } from 'node:net'

/** Headers with which browsers tell of a page, and proxies of whoever stands before them. */
const OF_OTHERS = /^(?:origin|referer|sec-fetch-site|sec-fetch-dest|forwarded|x-forwarded-.*|x-real-ip|via)$/

/** A name that was rebound to this machine stands in Host. */
export function isLocal({ socket, headers }: IncomingMessage): boolean {
  if (Object.keys(headers).some((name) => OF_OTHERS.test(name))) return false
  return isLoopback(socket.remoteAddress ?? '') && isLoopback(nameOf(headers.host ?? ''))
}

const nameOf = (host: string): string => host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')

function isLoopback(name: string): boolean {
  const address = name.replace(/^::ffff:/i, '')
  return address === 'localhost' || address === '::1' || (isIPv4(address) && address.startsWith('127.'))
}
