/** Addresses of peers, as the configuration writes them. */
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_P2P, multiaddr } from '@multiformats/multiaddr'
import type { Log } from '../log.ts'
import type { PeerAddress } from './peering.ts'

/** Those that name the peer too; whoever else answers there cannot pass for it. The log tells of others. */
export function peerAddresses(texts: readonly string[], log: Log): PeerAddress[] {
  return texts.flatMap((text) => {
    try {
      const address = multiaddr(text)
      const id = address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value
      if (id !== undefined) return [{ peer: peerIdFromString(id), address }]
      log.warn('swarm.bootstrap: an address without /p2p/ and a peer id', { address: text })
    } catch (err) {
      log.warn('swarm.bootstrap: not an address', { address: text, err })
    }
    return []
  })
}
