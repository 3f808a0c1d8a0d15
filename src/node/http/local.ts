/** Who is a program on this machine: what tells of the registry itself is for those alone. */
import type { IncomingMessage } from 'node:http'
import { isIPv4 } from 'node:net'

/** Browsers send an origin or the metadata of fetching; a name that was rebound to this machine stands in Host. */
export function isLocal({ socket, headers }: IncomingMessage): boolean {
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) return false
  return isLoopback(socket.remoteAddress ?? '') && isLoopback(nameOf(headers.host ?? ''))
}

const nameOf = (host: string): string => host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')

function isLoopback(name: string): boolean {
  const address = name.replace(/^::ffff:/i, '')
  return address === 'localhost' || address === '::1' || (isIPv4(address) && address.startsWith('127.'))
}
