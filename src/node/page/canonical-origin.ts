/**
 * The canonical origin of the page, which people are redirected to. Browsers separate storage by origin, so images that were
 * pushed at `127.0.0.1` would be missing at `localhost`; and the page only works at origins that browsers trust.
 */

import type { IncomingMessage } from 'node:http'
import type { Config } from '../../core/config.ts'
import { publicOrigin } from '../../core/registry/locations.ts'

/** The canonical origin (scheme, host and port) for a page that was opened at `origin`; often the same. */
export type CanonicalOrigin = (origin: string) => string

/** Query parameters: the origin that a person was redirected from, and that they want to stay at another origin. */
export const FROM = 'from'
export const STAY = 'stay'

/** Listening addresses that `localhost` reaches. */
const REACHED_BY_LOCALHOST = /^(?:|localhost|0\.0\.0\.0|127\.0\.0\.1|\[::1?\])$/

const LOOPBACK = /^(?:127(?:\.\d+){3}|\[::1\])$/

export function createCanonicalOrigin({
  host,
  hosts,
  addr,
}: Pick<Config['http'], 'host' | 'hosts' | 'addr'>): CanonicalOrigin {
  const named = host === undefined ? undefined : new URL(host)
  const isReached = REACHED_BY_LOCALHOST.test(addr.slice(0, addr.lastIndexOf(':')))

  return (origin) => {
    const seen = URL.parse(origin)
    if (!seen) return origin
    const isLocal = LOOPBACK.test(seen.hostname) || seen.hostname === 'localhost'
    if (named && isTrusted(named))
      return isLocal || hosts.includes(seen.hostname) ? named.origin : seen.origin
    if (!isReached || !LOOPBACK.test(seen.hostname) || seen.protocol !== 'http:') return seen.origin
    seen.hostname = 'localhost'
    return seen.origin
  }
}

/** Browsers only offer service workers and the clipboard at such origins. */
const isTrusted = ({ protocol, hostname }: URL): boolean => protocol === 'https:' || hostname === 'localhost'

/** The URL to redirect a navigation to, if any. Nobody is redirected twice, or if they want to stay. */
export function redirectOf(request: IncomingMessage, canonicalOrigin: CanonicalOrigin): string | undefined {
  const { headers, url = '' } = request
  if (!isPerson(request)) return undefined
  const target = URL.parse(url, 'http://registry')
  if (!target || target.searchParams.has(FROM) || target.searchParams.has(STAY)) return undefined
  const header = (name: string) => [headers[name]].flat().join(', ') || undefined
  const origin = publicOrigin({ origin: `http://${headers.host ?? 'localhost'}`, header })
  const canonical = canonicalOrigin(origin)
  if (canonical === origin) return undefined
  target.searchParams.set(FROM, origin)
  return `${canonical}${target.pathname}${target.search}`
}

/**
 * A browser that navigates, directly or through a proxy that forwards the original host. A proxy that replaces `Host`
 * without saying so doesn't forward `Connection` either, which all browsers send.
 */
function isPerson({ headers }: IncomingMessage): boolean {
  const { connection, 'sec-fetch-dest': destination = 'document' } = headers
  const isForwarded = headers.forwarded !== undefined || headers['x-forwarded-host'] !== undefined
  return destination === 'document' && (isForwarded || /\bkeep-alive\b/i.test(connection ?? ''))
}
