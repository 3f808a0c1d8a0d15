/** `GET /flotilla/peers`, the part of the owner's API that tells who this peer is connected to. */

import type { RegistryResponse } from '../../core/http/message.ts'
import { jsonResponse } from '../../core/http/message.ts'
import type { SwarmStatus } from '../../core/libp2p/status.ts'
import { RegistryError } from '../../core/oci/error.ts'
import type { PeerLists } from '../../core/swarm/lookup/peer-lists.ts'
import type { OwnerPart } from '../http/admin-route.ts'

const PATH = '/flotilla/peers'

export interface StatusParts {
  /** `undefined` where this registry is in no swarm; may wait until it has joined. */
  status(): Promise<SwarmStatus | undefined>
  peerLists(): Promise<Pick<PeerLists, 'areShared'> | undefined>
}

export const createStatusRoute = ({ status, peerLists }: StatusParts): OwnerPart => ({
  has: (target) => target === PATH,
  async answer({ method }): Promise<RegistryResponse> {
    if (method !== 'GET' && method !== 'HEAD')
      throw new RegistryError('UNSUPPORTED', undefined, { headers: { Allow: 'GET, HEAD' } })
    const found = await status()
    if (!found) throw new RegistryError('UNAVAILABLE', 'this registry is in no swarm')
    const told = await withLists(found, await peerLists())
    return jsonResponse(200, told, { 'Cache-Control': 'no-store' })
  },
})

/** `lists`: the peer tells what it has. */
async function withLists(status: SwarmStatus, lists: Pick<PeerLists, 'areShared'> | undefined) {
  const peers = status.peers.map(async (peer) => {
    const areShared = peer.isRegistry ? await lists?.areShared(peer.id) : false
    return { ...peer, lists: areShared ?? false }
  })
  return { ...status, peers: await Promise.all(peers) }
}
