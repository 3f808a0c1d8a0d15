/**
 * The one address at which people should open the page. A browser keeps what is stored for each address apart, so images
 * that were put there at `127.0.0.1` are not seen at `localhost`; and only where it trusts the address does the page work.
 */
import type { Config } from '../../core/config.ts'

/** Origin (scheme, host and port) at which the page that is seen at `origin` belongs; often the same one. */
export type OneAddress = (origin: string) => string

/** Where a person comes from who was sent to the one address; and that somebody wants to stay where he is. */
export const FROM = 'from'
export const STAY = 'stay'

/** What listens there is reached by `localhost`. */
const REACHED_BY_LOCALHOST = /^(?:|localhost|0\.0\.0\.0|127\.0\.0\.1|\[::1?\])$/

const LOOPBACK = /^(?:127(?:\.\d+){3}|\[::1\])$/

export function createOneAddress({
  host,
  hosts,
  addr,
}: Pick<Config['http'], 'host' | 'hosts' | 'addr'>): OneAddress {
  const named = host === undefined ? undefined : new URL(host)
  const isReached = REACHED_BY_LOCALHOST.test(addr.slice(0, addr.lastIndexOf(':')))

  return (origin) => {
    const seen = URL.parse(origin)
    if (!seen) return origin
    const isNear = LOOPBACK.test(seen.hostname) || seen.hostname === 'localhost'
    if (named && isTrusted(named)) return isNear || hosts.includes(seen.hostname) ? named.origin : seen.origin
    if (!isReached || !LOOPBACK.test(seen.hostname) || seen.protocol !== 'http:') return seen.origin
    seen.hostname = 'localhost'
    return seen.origin
  }
}

/** By browsers, with service workers and the clipboard. */
const isTrusted = ({ protocol, hostname }: URL): boolean => protocol === 'https:' || hostname === 'localhost'
