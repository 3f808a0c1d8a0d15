/**
 * The names by which a registry is reached, and which web pages may do what with it. A page can bind its own name to this
 * machine's address (DNS rebinding), so the host of a request is compared with these names, and its origin never with its
 * own `Host`.
 */
import type { Config } from '../config.ts'

/** What pages of other origins may do. */
export interface CorsPolicy {
  /** Whether the configuration names no page, some pages or all. */
  readonly readers: 'none' | 'some' | 'all'
  mayRead(origin: string): boolean
  /** Push and delete. */
  mayWrite(origin: string): boolean
}

export interface Origins extends CorsPolicy {
  /** Whether a `Host` header, or the authority of a target, names this registry; `undefined` if it is not a host. */
  isOwnHost(host: string): boolean | undefined
  /** Whether pages of this origin are the registry's own. */
  isOwn(origin: string, reached: Reached): boolean
}

/** The local end of a connection. */
export interface Reached {
  /** An IP address. */
  readonly address: string
  readonly port: number
}

export function createOrigins({
  host,
  hosts,
  cors,
}: Pick<Config['http'], 'host' | 'hosts' | 'cors'>): Origins {
  const publicUrl = host === undefined ? undefined : new URL(host)
  const isNamed = namesOf(publicUrl ? [...hosts, publicUrl.hostname] : hosts)
  return {
    ...createRights(cors),
    isOwnHost(text) {
      const name = hostnameIn(text)
      return name === undefined ? undefined : isAddress(name) || isLocalhost(name) || isNamed(name)
    },
    isOwn(origin, { address, port }) {
      const url = URL.parse(origin)
      if (!url || url.origin !== origin) return false
      if (origin === publicUrl?.origin) return true
      const name = withoutDot(url.hostname)
      if (portOf(url) !== port) return false
      if (isAddress(name)) return name === asHost(address)
      return isLocalhost(name) ? isLoopback(address) : isNamed(name)
    },
  }
}

function createRights({ origins, writers }: Config['http']['cors']): CorsPolicy {
  const mayWrite = listOf(writers)
  const mayRead = listOf([...origins, ...writers])
  if (origins.includes('*')) return { readers: 'all', mayRead: () => true, mayWrite }
  return { readers: origins.length + writers.length > 0 ? 'some' : 'none', mayRead, mayWrite }
}

/** Compares origins as browsers write them: in lower case, without the default port, names in Punycode. */
function listOf(origins: readonly string[]): (origin: string) => boolean {
  const written = new Set(
    origins.map((text) => URL.parse(text)).flatMap((url) => (url ? [originOf(url)] : [])),
  )
  return (origin) => written.has(origin)
}

/** For schemes that the URL standard does not know, such as those of extensions, `URL.origin` is `null`. */
const originOf = ({ origin, protocol, host }: URL): string =>
  origin === 'null' ? `${protocol}//${host}` : origin

const HOST = /^(?:\[[0-9a-f:.]+\]|[^\s/?#@\\:[\]]+)(?::\d{0,5})?$/i

/** Normalized by the URL standard: `0x7f.1` becomes `127.0.0.1`. */
function hostnameIn(host: string): string | undefined {
  const hostname = HOST.test(host) ? URL.parse(`http://${host}`)?.hostname : undefined
  return hostname && withoutDot(hostname)
}

const withoutDot = (hostname: string): string => hostname.replace(/\.$/, '')

/** `*.example.com` matches all names below it. */
function namesOf(hosts: readonly string[]): (name: string) => boolean {
  const isWide = (host: string) => host.startsWith('*.')
  const names = new Set(hosts.filter((host) => !isWide(host)).map(hostnameIn))
  const endings = hosts.filter(isWide).map((host) => `.${hostnameIn(host.slice(2))}`)
  return (name) => names.has(name) || endings.some((ending) => name.endsWith(ending))
}

/** An IP address cannot be rebound, so a page that was loaded from it was loaded from this machine. */
const isAddress = (name: string): boolean => name.startsWith('[') || /^\d+(?:\.\d+){3}$/.test(name)

/** Browsers do not resolve these names by DNS (RFC 6761, section 6.3). */
const isLocalhost = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost')

const asHost = (address: string): string => {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '')
  return bare.includes(':') ? `[${bare}]` : bare
}

const isLoopback = (address: string): boolean => /^(?:127\.|\[::1\]$)/.test(asHost(address))

const portOf = ({ port, protocol }: URL): number => Number(port) || (protocol === 'https:' ? 443 : 80)
