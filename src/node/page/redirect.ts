/** Sends people, and no programs, to the one address of the page. */
import type { IncomingMessage } from 'node:http'
import { seenOrigin } from '../../core/registry/locations.ts'
import { FROM, type OneAddress, STAY } from './one-address.ts'

/** Where a navigation belongs; `undefined` where it is. Nobody is sent on twice, nor if he wants to stay. */
export function redirectOf(request: IncomingMessage, oneAddress: OneAddress): string | undefined {
  const { headers, url = '' } = request
  if (!isPerson(request)) return undefined
  const target = URL.parse(url, 'http://registry')
  if (!target || target.searchParams.has(FROM) || target.searchParams.has(STAY)) return undefined
  const header = (name: string) => [headers[name]].flat().join(', ') || undefined
  const origin = seenOrigin({ origin: `http://${headers.host ?? 'localhost'}`, header })
  const one = oneAddress(origin)
  if (one === origin) return undefined
  target.searchParams.set(FROM, origin)
  return `${one}${target.pathname}${target.search}`
}

/**
 * A browser that shows what comes, and talks to this registry itself or through a proxy that says so: a proxy that
 * writes its own name for the registry into `Host` does not hand on `Connection`, which all browsers send.
 */
function isPerson({ headers }: IncomingMessage): boolean {
  const { connection, 'sec-fetch-dest': destination = 'document' } = headers
  const isTold = headers.forwarded !== undefined || headers['x-forwarded-host'] !== undefined
  return destination === 'document' && (isTold || /\bkeep-alive\b/i.test(connection ?? ''))
}
