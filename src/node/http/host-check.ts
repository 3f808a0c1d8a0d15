/**
 * Checks the host that a request names, before anything else. For a browser, a page that has bound its own name to this
 * machine's address (DNS rebinding) has the same origin as the registry. Only the name shows that it is a different site.
 */
import type { IncomingMessage } from 'node:http'
import type { Origins } from '../../core/http/origins.ts'
import { RegistryError } from '../../core/oci/error.ts'

/** Returns why the request is not for this registry; `undefined` if it is. */
export type HostCheck = (request: IncomingMessage) => RegistryError | undefined

/** Characters of a name in the response. */
const MAX_SHOWN = 100

export function createHostCheck({ isOwnHost }: Pick<Origins, 'isOwnHost'>): HostCheck {
  let last: string | undefined // most clients use the same name
  const check = (host: string): RegistryError | undefined => {
    if (host === last) return undefined
    const isOwn = isOwnHost(host)
    if (!isOwn) return isOwn === false ? unknown(host) : malformed('the Host header is not a valid host name')
    last = host
    return undefined
  }
  return (request) => {
    const { host } = request.headers
    if (host && isRepeated(request)) return malformed('the request has more than one Host header')
    const authority = /^https?:\/\/([^/?#]*)/i.exec(request.url!)?.[1]
    return (host ? check(host) : undefined) ?? (authority === undefined ? undefined : check(authority))
  }
}

/** RFC 9112, section 3.2. */
const malformed = (message: string): RegistryError =>
  new RegistryError('UNSUPPORTED', message, { status: 400 })

/** RFC 9110, section 15.5.20. */
const unknown = (host: string): RegistryError =>
  new RegistryError('DENIED', 'this registry does not answer to this host name; http.hosts must name it', {
    status: 421,
    detail: { host: host.slice(0, MAX_SHOWN) },
  })

/** Node keeps the first of several `Host` headers and drops the others. */
function isRepeated({ rawHeaders }: IncomingMessage): boolean {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count > 1
}
