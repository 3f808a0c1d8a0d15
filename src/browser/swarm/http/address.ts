/** Multiaddrs of peers that are asked by HTTP, as the URLs that `fetch` takes. */

const ADDRESS =
  /^\/(?<kind>ip4|ip6|dns|dns4|dns6)\/(?<host>[^/@?#\\\s]+)\/tcp\/(?<port>\d{1,5})\/(?<scheme>https?)(?:\/p2p\/(?<id>\w+))?$/

export interface HttpAddress {
  /** Such as `https://peer.example`, without a slash at its end. */
  readonly url: string
  /** Who must answer there; `undefined`: whoever does. */
  readonly id?: string | undefined
}

/** `undefined` for a multiaddr of another kind. */
export function httpAddressOf(multiaddr: string): HttpAddress | undefined {
  const { kind, host, port, scheme, id } = ADDRESS.exec(multiaddr)?.groups ?? {}
  const name = kind === 'ip6' ? `[${host}]` : host
  const url = scheme && `${scheme}://${name}:${port}`
  return url && URL.canParse(url) ? { url: new URL(url).origin, id } : undefined
}
