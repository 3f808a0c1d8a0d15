/**
 * Where the peer listens. By default, on the host of the registry's own address, or on loopback if it is limited to this
 * machine.
 */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Config } from '../../core/config.ts'
import { createOrigins } from '../../core/http/origins.ts'
import { parseHostPort } from '../host-port.ts'

/**
 * TCP, and WebSockets if pages of other origins may use them, because other peers don't need those. WebRTC-direct is only
 * enabled by `swarm.listen`: it is native code, and our page doesn't use it.
 */
const protocolsOf = (http: Config['http']): string[] => [
  'tcp/0',
  ...(createOrigins(http).readers === 'none' ? [] : ['tcp/0/ws']),
]

const LOOPBACK = '127.0.0.1'

/** As multiaddrs. A private swarm has no WebRTC, because a pre-shared key doesn't protect it. */
export async function listenAddresses({ http, swarm }: Pick<Config, 'http' | 'swarm'>): Promise<string[]> {
  const host = swarm.reach === 'machine' ? LOOPBACK : parseHostPort(http.addr).host
  const addresses = swarm.listen ?? (await defaultAddresses(host, http))
  return swarm.key === undefined ? addresses : addresses.filter((address) => !isWebRtc(address))
}

/** Whether this process loads the WebRTC library. */
export const hasWebRtc = ({ swarm }: Pick<Config, 'swarm'>): boolean =>
  swarm.enabled && swarm.key === undefined && (swarm.listen?.some(isWebRtc) ?? false)

export const isWebRtc = (address: string): boolean => address.includes('/webrtc')

async function defaultAddresses(host: string | undefined, http: Config['http']): Promise<string[]> {
  const prefixes = host === undefined ? ['/ip4/0.0.0.0', '/ip6/::'] : [await prefixOf(host)]
  return prefixes.flatMap((prefix) => protocolsOf(http).map((protocol) => `${prefix}/${protocol}`))
}

/** Host names are resolved as for the HTTP server. */
async function prefixOf(host: string): Promise<string> {
  const address = isIP(host) ? host : (await lookup(host)).address
  return `/ip${isIP(address)}/${address}`
}
