/** `GET /flotilla/peers` on a server: the peers that it is connected to. */
import type { ApiHandlers } from '../../core/api/api.ts'
import type { Json } from '../../core/api/schemas.ts'
import { jsonResponse } from '../../core/http/message.ts'
import type { SwarmStatus } from '../../core/libp2p/status.ts'
import { RegistryError } from '../../core/oci/error.ts'
import type { PeerLists } from '../../core/swarm/lookup/peer-lists.ts'

export interface StatusDeps {
  /** `undefined` if this registry is in no swarm; may wait until it has joined. */
  status(): Promise<SwarmStatus | undefined>
  peerLists(): Promise<Pick<PeerLists, 'areShared'> | undefined>
}

export const createStatusRoute = ({ status, peerLists }: StatusDeps): Pick<ApiHandlers, 'peers'> => ({
  peers: {
    async GET() {
      const found = await status()
      if (!found) throw new RegistryError('UNAVAILABLE', 'this registry is in no swarm')
      return jsonResponse(200, await withLists(found, await peerLists()))
    },
  },
})

async function withLists(
  status: SwarmStatus,
  lists: Pick<PeerLists, 'areShared'> | undefined,
): Promise<Json<'Peers'>> {
  const peers = status.peers.map(async (peer) => {
    const areShared = peer.isRegistry ? await lists?.areShared(peer.id) : false
    return { ...peer, lists: areShared ?? false }
  })
  return { ...status, peers: await Promise.all(peers) }
}
