/** The port `Blocks` over Bitswap: what peers of IPFS at large have, which do not speak our protocol. */
import type { IpfsBlocks, Network } from '../swarm/ports.ts'
import type { Bitswap } from './bitswap/bitswap.ts'
import { BITSWAP_PROTOCOL, type Traffic } from './traffic.ts'

export interface BlocksParts {
  readonly bitswap: Bitswap
  readonly network: Pick<Network, 'peers'>
  readonly traffic: Traffic
}

export const createBlocks = ({ bitswap, network, traffic }: BlocksParts): IpfsBlocks => ({
  peers() {
    const registries = new Set(network.peers())
    return bitswap.peers().filter((peer) => !registries.has(peer))
  },

  async get(peer, hash, options) {
    const block = await bitswap.get(peer, hash, options)
    traffic.add(peer, BITSWAP_PROTOCOL, 'received', block.length)
    return block
  },
})
