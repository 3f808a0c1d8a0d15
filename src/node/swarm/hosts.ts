/** The IP addresses at which peers are connected, so that they can be reached there by other protocols too. */
import type { Libp2p } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { PeerId } from '../../core/swarm/ports.ts'

/** Not those of relays. None for a peer that is not connected. */
export function hostsOf(libp2p: Libp2p, peer: PeerId): string[] {
  const addresses = libp2p
    .getConnections(peerIdFromString(peer))
    .map(({ remoteAddr }) => remoteAddr.toString())
    .filter((address) => !address.includes('/p2p-circuit'))
  const hosts = addresses.flatMap((address) => /^\/ip[46]\/([^/]+)/.exec(address)?.[1] ?? [])
  return [...new Set(hosts)]
}
