/** The addresses of peers in the configuration. */
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_P2P, multiaddr } from '@multiformats/multiaddr'
import type { Log } from '../log.ts'
import type { PeerAddress } from './peering.ts'

/** Skips and logs addresses without a peer id, because any peer that answers there could pass for the right one. */
export function parsePeerAddresses(texts: readonly string[], log: Log): PeerAddress[] {
  return texts.flatMap((text) => {
    try {
      const address = multiaddr(text)
      const id = address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value
      if (id !== undefined) return [{ peer: peerIdFromString(id), address }]
      log.warn('swarm.bootstrap: an address must end with /p2p/ and a peer id', { address: text })
    } catch (err) {
      log.warn('swarm.bootstrap: not a multiaddr', { address: text, err })
    }
    return []
  })
}
