/** What libp2p asks before it dials and before it lets somebody in: the reach, and how many may come. */
import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'
import { createAdmission } from './admission.ts'
import type { Reach } from './reach.ts'

export function createGater(reach: Reach): ConnectionGater {
  const admission = createAdmission()
  const isOutside = (peer: PeerId, { remoteAddr }: MultiaddrConnection): boolean =>
    !reach.allows(String(remoteAddr), String(peer))
  return {
    denyDialMultiaddr: (address) => !reach.allows(String(address)),
    denyInboundConnection: (connection) =>
      !reach.admits(String(connection.remoteAddr)) || !admission.admit(connection),
    denyInboundEncryptedConnection: isOutside,
    denyOutboundEncryptedConnection: isOutside,
    denyInboundRelayedConnection: (relay, peer) => !reach.allows(`/p2p/${relay}/p2p-circuit`, String(peer)),
  }
}
