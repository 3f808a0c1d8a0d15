/** The port `Blocks` over Bitswap: what peers of IPFS at large have, which do not speak our protocol. */
import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { ServiceMap } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { leafCid } from '../dag/dag.ts'
import type { Blocks, Network, PeerId } from '../swarm/ports.ts'
import type { Traffic } from './traffic.ts'

/** https://specs.ipfs.tech/bitswap-protocol/ */
const BITSWAP = '/ipfs/bitswap/1.2.0'

const BITSWAP_ROAD = 'bitswap'

export interface BlocksParts {
  readonly helia: HeliaWithLibp2p<ServiceMap>
  readonly network: Pick<Network, 'peers'>
  readonly traffic: Traffic
}

/** `close` only stops watching who comes and goes. */
export interface OpenBlocks extends Blocks {
  close(): void
}

export async function openBlocks({ helia, network, traffic }: BlocksParts): Promise<OpenBlocks> {
  const { libp2p, blockstore } = helia
  const speakers = new Set<PeerId>()
  const topology = await libp2p.register(BITSWAP, {
    onConnect: (peer) => void speakers.add(peer.toString()),
    onDisconnect: (peer) => void speakers.delete(peer.toString()),
  })

  return {
    peers() {
      const registries = new Set(network.peers())
      return [...speakers].filter((peer) => !registries.has(peer))
    },

    async get(peer, hash, { signal }) {
      const cid = leafCid(hash)
      // One for each block, as a session never again asks a peer that has lacked one.
      const session = blockstore.createSession(cid, {
        providers: [peerIdFromString(peer).toCID()],
        maxProviders: 1,
      })
      try {
        const block = await wholeOf(session.get(cid, { signal }))
        traffic.add(peer, BITSWAP_ROAD, 'received', block.length)
        return block
      } finally {
        session.close()
      }
    },

    close: () => libp2p.unregister(topology),
  }
}

/** In a buffer of its own. */
async function wholeOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  for await (const chunk of chunks) parts.push(chunk as Uint8Array<ArrayBuffer>)
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}
