/** What the text of a multiaddr says: which host, which peers, through a relay or not. */

/** 127.0.0.0/8, also as IPv6, and ::1. */
const LOOPBACK = /^\/(ip4\/127\.|ip6\/(::1|::ffff:127\.[\d.]+|::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4})(\/|$))/i

const HOST = /^\/(?:ip4|ip6)\/([^/]+)/

/** Never true of a name, because a resolver may answer anything. */
export const isLoopback = (address: string): boolean => LOOPBACK.test(address)

export const isRelayed = (address: string): boolean => /\/p2p-circuit(\/|$)/.test(address)

/** The ids of all peers in it, including relays. */
export const idsOf = (address: string): string[] =>
  [...address.matchAll(/\/(?:p2p|ipfs)\/([^/]+)/g)].map(([, id]) => id as string)

/**
 * The part of an address that tells hosts apart, for counting: of IPv4 all of it, of IPv6 the first 64 bits, because a
 * host chooses the others freely. `undefined` for names and relayed addresses.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4291#section-2.5.4
 */
export function hostOf(address: string): string | undefined {
  const host = isRelayed(address) ? undefined : HOST.exec(address)?.[1]
  if (!host?.includes(':') || host.includes('.')) return host
  const [head = '', tail] = host.split('::')
  const groups = head.split(':').filter(Boolean)
  const rest = tail?.split(':').filter(Boolean) ?? []
  if (tail !== undefined) while (groups.length + rest.length < 8) groups.push('0')
  return [...groups, ...rest].slice(0, 4).join(':')
}
