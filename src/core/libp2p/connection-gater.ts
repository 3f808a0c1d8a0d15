/**
 * What libp2p asks before it dials a peer and before it accepts a connection: whether the peer is within reach, and
 * whether there are too many connections already.
 */
import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'
import { hostOf, isLoopback } from './multiaddrs.ts'
import type { Reach } from './reach.ts'

export function createConnectionGater(reach: Reach): ConnectionGater {
  const inboundLimit = createInboundLimit()
  const isOutside = (peer: PeerId, { remoteAddr }: MultiaddrConnection): boolean =>
    !reach.allows(String(remoteAddr), String(peer))
  return {
    denyDialMultiaddr: (address) => !reach.allows(String(address)),
    denyInboundConnection: (connection) =>
      !reach.mayConnect(String(connection.remoteAddr)) || !inboundLimit.admit(connection),
    denyInboundEncryptedConnection: isOutside,
    denyOutboundEncryptedConnection: isOutside,
    denyInboundRelayedConnection: (relay, peer) => !reach.allows(`/p2p/${relay}/p2p-circuit`, String(peer)),
  }
}

/** Of `MAX_CONNECTIONS`, so that some remain for the peers that this one dials. */
const MAX_INBOUND = 200

/**
 * From one host, including connections that have not been identified yet, so that no host can take them all under many
 * identities. Loopback has no such limit, because many peers may run there.
 */
const MAX_INBOUND_PER_HOST = 48

export interface InboundLimit {
  /** Whether the connection is accepted. It is then counted until it closes. */
  admit(connection: Pick<MultiaddrConnection, 'remoteAddr' | 'addEventListener'>): boolean
}

export function createInboundLimit(): InboundLimit {
  const hosts = new Map<string, number>()
  let total = 0

  function change(host: string, by: number): void {
    total += by
    const count = (hosts.get(host) ?? 0) + by
    if (count > 0) hosts.set(host, count)
    else hosts.delete(host)
  }

  return {
    admit(connection) {
      const address = connection.remoteAddr.toString()
      const host = hostOf(address) ?? ''
      const isHostFull = !isLoopback(address) && (hosts.get(host) ?? 0) >= MAX_INBOUND_PER_HOST
      if (isHostFull || total >= MAX_INBOUND) return false
      change(host, 1)
      connection.addEventListener('close', () => change(host, -1), { once: true })
      return true
    },
  }
}
