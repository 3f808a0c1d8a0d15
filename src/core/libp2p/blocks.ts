/** The port `Blocks` over Bitswap: what peers of IPFS at large have, which do not speak our protocol. */
import type { Blocks, Network } from '../swarm/ports.ts'
import type { Bitswap } from './bitswap/bitswap.ts'
import { BITSWAP_ROAD, type Traffic } from './traffic.ts'

export interface BlocksParts {
  readonly bitswap: Bitswap
  readonly network: Pick<Network, 'peers'>
  readonly traffic: Traffic
}

export const createBlocks = ({ bitswap, network, traffic }: BlocksParts): Blocks => ({
  peers() {
    const registries = new Set(network.peers())
    return bitswap.peers().filter((peer) => !registries.has(peer))
  },

  async get(peer, hash, options) {
    const block = await bitswap.get(peer, hash, options)
    traffic.add(peer, BITSWAP_ROAD, 'received', block.length)
    return block
  },
})
