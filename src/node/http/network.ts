/** The network that an address belongs to, as far as a share of connections goes: who has one IPv6 address has 2^64. */
import { isIPv6 } from 'node:net'

/** The address itself for IPv4, the first 64 bits for IPv6; an IPv4 address is the same however it is written. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::') as [string, string?]
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const rest = tail === '' ? [] : tail.split(':')
    while (groups.length + rest.length < 8) groups.push('0')
  }
  return `${groups.slice(0, 4).join(':')}::/64`
}
