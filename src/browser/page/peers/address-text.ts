/**
 * Converts addresses of peers between URLs, as people write them, such as `http://localhost:5620` or
 * `registry.example`, and multiaddrs, as the settings store them. WebSocket multiaddrs are written as they are.
 */

export const FORMAT =
  'http://localhost:5000, registry.example, or a multiaddr such as /dns4/registry.example/tcp/443/wss/p2p/12D3KooW…'

/** Hosts that hardly ever have HTTPS: IP addresses, local domains, names without a dot. */
const NEARBY = /^(?:\[.*\]|(?:\d+\.){3}\d+|[^.]+|.*\.(?:local|lan|localhost|internal))$/

/** The multiaddr; `undefined` if the text is not an address. */
export function toMultiaddr(text: string): string | undefined {
  const trimmed = text.trim()
  if (trimmed.startsWith('/')) return /^(?:\/[^/\s]+)+$/.test(trimmed) ? trimmed : undefined
  const url = urlOf(trimmed)
  return url && `${hostPart(url.hostname)}/tcp/${portOf(url)}/${url.protocol.slice(0, -1)}`
}

function urlOf(text: string): URL | undefined {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
  const url = URL.parse(hasScheme ? text : `http://${text}`)
  if (!url?.hostname || /\s/.test(text) || url.username || url.password || !/^https?:$/.test(url.protocol))
    return undefined
  const isBare = !hasScheme && url.port === '' && !NEARBY.test(url.hostname)
  return isBare ? new URL(`https://${url.host}`) : url
}

const portOf = ({ port, protocol }: URL): string => port || (protocol === 'https:' ? '443' : '80')

function hostPart(hostname: string): string {
  if (hostname.startsWith('[')) return `/ip6/${hostname.slice(1, -1)}`
  return /^(?:\d+\.){3}\d+$/.test(hostname) ? `/ip4/${hostname}` : `/dns4/${hostname}`
}

const HTTP = /^\/(?:ip4|ip6|dns[46]?)\/([^/]+)\/tcp\/(\d+)\/(https?)(?:\/p2p\/\w+)?$/

/** The URL of an HTTP multiaddr; other multiaddrs are returned unchanged. */
export function addressText(address: string): string {
  const [, host, port, scheme] = HTTP.exec(address) ?? []
  if (!host) return address
  return URL.parse(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`)?.origin ?? address
}
