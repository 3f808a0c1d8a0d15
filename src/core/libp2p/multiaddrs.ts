/** What multiaddrs say, read from their text: which host, which peers, by a relay or not. */

/** IP addresses that no other machine can have: 127.0.0.0/8 and ::1, the former as IPv6 too. */
const LOOPBACK = /^\/(ip4\/127\.|ip6\/(::1|::ffff:127\.[\d.]+|::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4})(\/|$))/i

const HOST = /^\/(?:ip4|ip6)\/([^/]+)/

/** A name is not: who answers for it may say anything. */
export const isLoopback = (address: string): boolean => LOOPBACK.test(address)

export const isRelayed = (address: string): boolean => /\/p2p-circuit(\/|$)/.test(address)

/** The ids of all peers that it names, of relays too. */
export const idsOf = (address: string): string[] =>
  [...address.matchAll(/\/(?:p2p|ipfs)\/([^/]+)/g)].map(([, id]) => id as string)

/**
 * What one party can have many addresses of, for counting: the address of IPv4, the first 64 bits of IPv6, which any
 * host may fill up as it likes. `undefined` for names and relayed addresses.
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
