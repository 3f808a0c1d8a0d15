/**
 * Where the peer listens, where nothing else is said: on the host of the registry's own address, by what is of use; on
 * loopback where it is to reach no further.
 */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Config } from '../../core/config.ts'
import { createOrigins } from '../../core/http/origins.ts'

/**
 * On any port: TCP, and WebSockets where there are pages that may use them, as other peers have no need of those.
 * WebRTC-direct opens by `swarm.listen` alone: it is native code, and no page of ours dials it.
 */
const doorsOf = (http: Config['http']): string[] => [
  'tcp/0',
  ...(createOrigins(http).readers === 'none' ? [] : ['tcp/0/ws']),
]

const LOOPBACK = '127.0.0.1'

/** As multiaddrs. A private swarm has no WebRTC, as a pre-shared key does not protect that. */
export async function listenAddresses({ http, swarm }: Pick<Config, 'http' | 'swarm'>): Promise<string[]> {
  const host = swarm.reach === 'machine' ? LOOPBACK : hostOf(http.addr)
  const addresses = swarm.listen ?? (await defaultAddresses(host, http))
  return swarm.key === undefined ? addresses : addresses.filter((address) => !isWebRtc(address))
}

/** Whether this process loads the library of WebRTC. */
export const hasWebRtc = ({ swarm }: Pick<Config, 'swarm'>): boolean =>
  swarm.enabled && swarm.key === undefined && (swarm.listen?.some(isWebRtc) ?? false)

export const isWebRtc = (address: string): boolean => address.includes('/webrtc')

const hostOf = (addr: string): string => addr.slice(0, addr.lastIndexOf(':')).replace(/^\[|\]$/g, '')

async function defaultAddresses(host: string, http: Config['http']): Promise<string[]> {
  const prefixes = host === '' ? ['/ip4/0.0.0.0', '/ip6/::'] : [await prefixOf(host)]
  return prefixes.flatMap((prefix) => doorsOf(http).map((door) => `${prefix}/${door}`))
}

/** A name is resolved as Node resolves it where it listens for HTTP. */
async function prefixOf(host: string): Promise<string> {
  const address = isIP(host) ? host : (await lookup(host)).address
  return `/ip${isIP(address)}/${address}`
}
