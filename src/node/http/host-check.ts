/**
 * Looks at the host that a request names, before anything else does. A page that has bound its own name to this
 * machine's address (DNS rebinding) is of the same origin as the registry, for the browser; only the name gives it away.
 */
import type { IncomingMessage } from 'node:http'
import type { Origins } from '../../core/http/origins.ts'
import { RegistryError } from '../../core/oci/error.ts'

/** Why the request is not for this registry; `undefined` where it is. */
export type HostCheck = (request: IncomingMessage) => RegistryError | undefined

/** Long names are not repeated whole. */
const MAX_SHOWN = 100

export function createHostCheck({ isOwnHost }: Pick<Origins, 'isOwnHost'>): HostCheck {
  let last: string | undefined // most clients say the same
  const check = (host: string): RegistryError | undefined => {
    if (host === last) return undefined
    const isOwn = isOwnHost(host)
    if (!isOwn) return isOwn === false ? unknown(host) : malformed('Host is not the name of a host')
    last = host
    return undefined
  }
  return (request) => {
    const { host } = request.headers
    if (host && isRepeated(request)) return malformed('Host stands there more than once')
    const authority = /^https?:\/\/([^/?#]*)/i.exec(request.url!)?.[1]
    return (host ? check(host) : undefined) ?? (authority === undefined ? undefined : check(authority))
  }
}

/** RFC 9112, section 3.2. */
const malformed = (message: string): RegistryError =>
  new RegistryError('UNSUPPORTED', message, { status: 400 })

/** RFC 9110, section 15.5.20. */
const unknown = (host: string): RegistryError =>
  new RegistryError(
    'DENIED',
    'this registry does not answer to this host; http.hosts names those that it does',
    {
      status: 421,
      detail: { host: host.slice(0, MAX_SHOWN) },
    },
  )

/** Node keeps the first and says nothing of the others. */
function isRepeated({ rawHeaders }: IncomingMessage): boolean {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count > 1
}
